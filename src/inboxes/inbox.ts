/** An inbox that is somebody's on the network: it can be added to groups, and nobody reads it. */
export interface Inbox {
  /** 64 hex digits, without `0x`. */
  readonly inboxId: string;
  /** Lower-case `0x` address of its wallet. */
  readonly address: string;
  /** How many installations it has. */
  readonly installations: number;
  /** Its wallet's key, in hex. Kept out of JSON, logs and spreads. */
  readonly walletKey: `0x${string}`;
}
