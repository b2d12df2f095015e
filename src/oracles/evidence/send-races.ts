import type { LedgerEvent, SendEvent } from "../../ledger/events.js";
import type { History } from "../../ledger/history.js";
import { membershipChanges } from "./changes.js";
import type { Change } from "./changes.js";

/** What becomes of messages that the return of a removed member overtook. */
export interface OvertakenOptions {
  /**
   * A message that the node stored after the return of a removed member, and that its sender encrypted before it was
   * told of it: "fail" (default) or "allow", for tests in which members leave and come back while others talk.
   *
   * libxmtp acknowledges such a message, and it can be that nobody but its sender can read it (measured on 5.5.0; one
   * that the first addition of somebody overtook is read by all). Allowed is only what shows this: the sender's stream
   * delivered the return after the send began, and no other installation was given the message.
   */
  readonly overtaken?: "fail" | "allow";
}

/**
 * Sends that raced with a change of members: it was made before the send had ended, and the sender's stream told of it
 * only after the send began. libxmtp publishes before it looks for what is new, so such a message is of the epoch
 * before. A sender whose stream never told of the change was told by its welcome, or does not stream: no excuse.
 */
export class SendRaces {
  readonly #changes: ReadonlyMap<string, readonly Change[]>;

  constructor(events: readonly LedgerEvent[]) {
    this.#changes = membershipChanges(events);
  }

  /** Whether somebody was added in this race: it never had the key of the epoch before. */
  withAdditionOf(send: SendEvent, inboxId: string): boolean {
    return this.#raced(send).some((one) => one.change === "joined" && one.inboxId === inboxId);
  }

  /** Whether the sender was removed in this race: libxmtp acknowledges what the members no longer take (5.5.0). */
  withOwnRemoval(send: SendEvent): boolean {
    return this.#raced(send).some((one) => one.change === "left" && one.inboxId === send.inboxId);
  }

  /** Whether somebody came back in this race who had been removed before. */
  withReturn(send: SendEvent): boolean {
    const all = this.#changes.get(send.conversationId) ?? [];
    return this.#raced(send).some(
      ({ inboxId, change, rank }) =>
        change === "joined" &&
        all.some((one) => one.change === "left" && one.inboxId === inboxId && one.rank < rank),
    );
  }

  #raced({ conversationId, installationId, at, endedAt = Infinity }: SendEvent): Change[] {
    return (this.#changes.get(conversationId) ?? []).filter(
      ({ madeAt, streamedTo }) => madeAt <= endedAt && (streamedTo.get(installationId) ?? -Infinity) > at,
    );
  }
}

/** Whether a send is one that only its sender can read, see {@link OvertakenOptions}. */
export function overtakenSends(
  history: History,
  races: SendRaces,
  { overtaken }: OvertakenOptions,
): (send: SendEvent) => boolean {
  if (overtaken !== "allow") return () => false;
  const read = new Set<SendEvent>();
  for (const receive of history.receives) {
    const send = history.sendOf(receive);
    if (send && send.installationId !== receive.installationId) read.add(send);
  }
  return (send) => !read.has(send) && races.withReturn(send);
}
