import type { ConsentValue } from "./events.js";

/** `unknown` is not healthy: the commit log has not been reconciled (libxmtp #2305, #3683). */
export type ForkStatus = "healthy" | "forked" | "unknown";

/** One member as one installation sees it. */
export interface MemberSnapshot {
  readonly inboxId: string;
  readonly permission: "member" | "admin" | "super_admin";
}

/** One conversation as one installation sees it, read after a sync. Input of the convergence oracle. */
export interface ConversationSnapshot {
  /** The worker's name. */
  readonly worker: string;
  readonly inboxId: string;
  readonly installationId: string;
  readonly conversationId: string;
  /** False when this installation does not have the conversation at all; the other fields are then empty. */
  readonly known: boolean;
  /** Whether this installation is still a member, as its SDK says. */
  readonly active: boolean;
  /** MLS epoch: how many commits the group has had. */
  readonly epoch: number;
  readonly members: readonly MemberSnapshot[];
  /** Inbox ids. */
  readonly admins: readonly string[];
  /** Inbox ids. */
  readonly superAdmins: readonly string[];
  /** Name, description, image URL and so on; a missing field is "". */
  readonly metadata: Readonly<Record<string, string>>;
  /** This inbox's own consent for the conversation. */
  readonly consent: ConsentValue;
  /** Ids of all messages in the database, in the order in which the SDK lists them, with kind and sender. */
  readonly messages: readonly SnapshotMessage[];
  /** What the SDK says of itself; see `forkStatus` for what may be concluded. */
  readonly fork: ForkStatus;
  /** What the SDK said about the fork, if anything. */
  readonly forkDetail: string;
  /**
   * The MLS epoch authenticator of `epoch`, as far as the SDK shows it (its first 6 hex digits); absent where
   * it does not. Two installations at one epoch with the same authenticator hold the same group state, with
   * different ones they are forked from each other, whatever their own commit logs say.
   */
  readonly epochAuthenticator?: string;
}

export interface SnapshotMessage {
  readonly id: string;
  readonly senderInboxId: string;
  readonly contentType: string;
  /** `membership` for transcript messages of commits, `application` for what people sent. */
  readonly kind: "application" | "membership";
  readonly payloadHash: string;
  readonly sentAtNs: string;
}
