import { XmtpTestError } from "../../errors.js";
import { addressOf } from "../grpc/peer.js";
import type { StatusError } from "../grpc/status.js";
import type { SubscriptionInfo, Subscriptions, Which } from "../store/subscriptions.js";
import type { SubscriptionFilter, SubscriptionOwners } from "../types.js";

/** The node's subscriptions by who has them: the store knows connections, ports tell the clients behind them. */
export class OwnedSubscriptions {
  readonly #subscriptions: Subscriptions;
  readonly #clientOf: (peer: string) => string | undefined;

  constructor(subscriptions: Subscriptions, clientOf: (peer: string) => string | undefined) {
    this.#subscriptions = subscriptions;
    this.#clientOf = clientOf;
  }

  list(which?: Which): SubscriptionInfo[] {
    return this.#subscriptions.list(which).map((info) => {
      const client = this.#clientOf(info.peer);
      const shown = { ...info, peer: addressOf(info.peer) };
      return client === undefined ? shown : { ...shown, client };
    });
  }

  /** @throws XmtpTestError `STREAMS_OPEN` after the timeout */
  async waitForAtMost(n: number, timeoutMs: number, whose: SubscriptionOwners): Promise<void> {
    const which = { peers: this.#ownedBy(whose) };
    if (await this.#subscriptions.waitForAtMost(n, timeoutMs, which)) return;
    const open = this.list(which);
    const who = open.map(
      ({ kind, filters, peer, client }) => `${kind} stream of ${client ?? peer} with ${filters} filters`,
    );
    throw new XmtpTestError(
      "STREAMS_OPEN",
      `${open.length} subscriptions were still open after ${timeoutMs} ms, ${n} allowed (${who.join("; ")}).`,
      "End each stream with endStream(), and await it.",
    );
  }

  /** @returns the ids of those it hit */
  end(status: StatusError, filter: SubscriptionFilter): number[] {
    return this.#subscriptions.end(status, this.#which(filter));
  }

  /** @returns the ids of those it hit */
  mute(filter: SubscriptionFilter): number[] {
    return this.#subscriptions.mute(this.#which(filter));
  }

  #which({ kind, client, ids }: SubscriptionFilter): Which {
    return { kind, ids, ...(client !== undefined && { peers: this.#ownedBy({ of: [client] }) }) };
  }

  #ownedBy({ of, except = [] }: SubscriptionOwners): (peer: string) => boolean {
    return (peer) => {
      const client = this.#clientOf(peer);
      if (of !== undefined) return client !== undefined && of.includes(client);
      return client === undefined || !except.includes(client);
    };
  }
}
