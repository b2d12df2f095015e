/** What a client published, or was given. */
export interface Traffic {
  readonly what: "published" | "delivered";
  readonly about: "group" | "welcome";
  /** `query` where the client asked for it. */
  readonly via: "stream" | "query";
  /** The group, or the installation that a welcome is for, in hex. */
  readonly key: string;
  readonly id: bigint;
  /** Unix ns. */
  readonly createdNs: bigint;
  /** A commit or a proposal. */
  readonly commit: boolean;
}

/** Listens to what goes over the ports of some clients. */
export interface TrafficTap {
  /** Whether this peer's port is listened to; asked first, as all else costs time. */
  hears(peer: string): boolean;
  saw(peer: string, traffic: Traffic): void;
  /** The peer spoke for an installation that may be its own. */
  spokeFor(peer: string, installationKey: string): void;
  /** A stream that stays open brings more than before. */
  follows(peer: string, brings: readonly Traffic["about"][]): void;
  /** An inbox has changed: an installation may be somebody's now. */
  inboxChanged(): void;
}
