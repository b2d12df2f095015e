/** Whose publication a receipt is: messages of parties that are not workers, as the node saw them at their ports. */
import type { LedgerEvent, LineEvent, ReceiveEvent } from "./events.js";
import { groupBy } from "./group.js";

/** A message that the node stored for a party's app or page. */
export function isPublication(event: LedgerEvent): event is LineEvent {
  return (
    event.kind === "line" && event.what === "published" && event.about === "group" && event.createdNs !== ""
  );
}

/**
 * Publications by what a receipt shows of them: the node sees ciphertext and no message id, but a receiver's SDK stamps
 * a message with the node's time of storing it.
 */
export class Publications {
  readonly #byTime: ReadonlyMap<string, readonly LineEvent[]>;

  constructor(events: readonly LedgerEvent[]) {
    // A commit is nobody's message.
    const said = events.filter(isPublication).filter(({ commit }) => !commit);
    this.#byTime = groupBy(said, (one) => momentIn(one.conversationId, one.createdNs));
  }

  /** The publication that brought this message. */
  of(receive: ReceiveEvent): LineEvent | undefined {
    return this.#at(receive).find((one) => one.inboxId === "" || one.inboxId === receive.senderInboxId);
  }

  /** A publication that was stored at its time in its conversation, by whoever: its sender may not be the receipt's. */
  near(receive: ReceiveEvent): LineEvent | undefined {
    return this.of(receive) ?? this.#at(receive)[0];
  }

  #at({ conversationId, sentAtNs }: ReceiveEvent): readonly LineEvent[] {
    return this.#byTime.get(momentIn(conversationId, sentAtNs)) ?? [];
  }
}

/**
 * The same for a publication and its receipt. node-sdk 4.x hands times over as numbers, which tell only times apart that
 * are 256 ns from each other; nobody publishes twice in that.
 */
export function momentIn(conversationId: string, ns: string): string {
  return `${conversationId} ${Number(ns)}`;
}
