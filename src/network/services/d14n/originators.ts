/**
 * Who numbers an envelope. Those of libxmtp and of xmtpd's migration from v3: a number there is the row's id in its v3
 * table, so that clients of both kinds, and one client before and after it moved, mean the same message by a cursor.
 */
export const ORIGINATORS = { commit: 0, identity: 1, application: 10, welcome: 11, keyPackage: 13 } as const;

/** The node that gateways name to clients. */
export const NODE_ID = 100;

export const KNOWN_ORIGINATORS: ReadonlySet<number> = new Set([...Object.values(ORIGINATORS), NODE_ID]);

/** What a message is to the faults of deliveries; undefined for identity updates and key packages. */
export function messageKind(originator: number): "group" | "welcome" | undefined {
  switch (originator) {
    case ORIGINATORS.commit:
    case ORIGINATORS.application:
      return "group";
    case ORIGINATORS.welcome:
      return "welcome";
    default:
      return undefined;
  }
}
