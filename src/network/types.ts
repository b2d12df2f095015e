import type { SubscriptionInfo } from "./store/subscriptions.js";

/** Where clients connect. */
export interface XmtpNetwork {
  /** `embedded`: the node of this process; `external`: one that runs elsewhere. */
  readonly kind: "embedded" | "external";
  /** Name of the environment; "embedded" for the embedded node. */
  readonly env: string;
  /** gRPC endpoint, `http://127.0.0.1:<port>` for the embedded node, which serves grpc-web there too. */
  readonly url: string;
  /** Message history server (device sync), or null where there is none. */
  readonly historyUrl: string | null;
  /** Whether `url` is a d14n gateway's and clients speak d14n to it. The embedded node is both kinds at one URL. */
  readonly gateway?: boolean;
}

/** Counts of an embedded node since it was made. */
export interface NodeStats {
  /** Group, welcome and topic streams that are open now. */
  readonly openSubscriptions: number;
  /** TCP connections that are open now, also those that never spoke. */
  readonly openConnections: number;
  /** Connections that ended by a protocol error. */
  readonly connectionErrors: number;
  /** Stored messages of groups and DMs, commits and proposals included. */
  readonly groupMessages: number;
  /** Stored welcomes, pointers to welcomes included. */
  readonly welcomes: number;
  /** Stored updates of all inboxes. */
  readonly identityUpdates: number;
  /** Installations with a key package. */
  readonly keyPackages: number;
  /** Stored entries of the commit logs, which clients publish to find forks. */
  readonly commitLogEntries: number;
  /** Messages written to streams. */
  readonly deliveries: number;
  /** Messages that were stored and never streamed; 0 unless `realism` is "real". */
  readonly lostDeliveries: number;
  /** Messages that were encoded: each once, as it is stored, however many read it. */
  readonly encodes: number;
  /** Calls by method name, for example `{ SendGroupMessages: 3 }`. */
  readonly requests: Readonly<Record<string, number>>;
  /** CPU time of the node's thread in ms; absent where the system does not tell (not Linux). */
  readonly cpuMs?: number;
}

/** Whose subscriptions count: names of {@link EmbeddedNode.openClientPort}. Default: everybody's. */
export interface SubscriptionOwners {
  /** Only these clients'. */
  readonly of?: readonly string[];
  /** All but these clients', those of the node's own port too. */
  readonly except?: readonly string[];
}

/** Which subscriptions are meant; what is left out fits all. */
export interface SubscriptionFilter {
  /** What they bring: `group` and `welcome` also mean streams of topics that follow such. */
  readonly kind?: SubscriptionInfo["kind"];
  /** A name of {@link EmbeddedNode.openClientPort}. */
  readonly client?: string;
  /** `id` of {@link SubscriptionInfo}. */
  readonly ids?: readonly number[];
}
