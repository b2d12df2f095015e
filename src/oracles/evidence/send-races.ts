import type { LedgerEvent, SendEvent } from "../../ledger/events.js";
import { groupBy } from "../../ledger/group.js";
import type { History } from "../../ledger/history.js";
import { membershipChanges } from "./changes.js";
import type { Change } from "./changes.js";
import { Spans } from "./spans.js";
import type { Stretch } from "./spans.js";

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
  readonly #events: readonly LedgerEvent[];
  #changes: ReadonlyMap<string, readonly Change[]> | undefined;
  readonly #untold = new Map<string, Map<string, Untold>>();

  constructor(events: readonly LedgerEvent[]) {
    this.#events = events;
  }

  /** Whether somebody was added in this race: it never had the key of the epoch before. */
  withAdditionOf(send: SendEvent, inboxId: string): boolean {
    return raced(this.#untoldOf(send).joined.get(inboxId), send);
  }

  /** Whether the sender was removed in this race: libxmtp acknowledges what the members no longer take (5.5.0). */
  withOwnRemoval(send: SendEvent): boolean {
    return raced(this.#untoldOf(send).left.get(send.inboxId), send);
  }

  /** Whether somebody came back in this race who had been removed before. */
  withReturn(send: SendEvent): boolean {
    return raced(this.#untoldOf(send).returned, send);
  }

  #untoldOf({ conversationId, installationId }: SendEvent): Untold {
    const ofConversation = this.#untold.get(conversationId) ?? new Map<string, Untold>();
    this.#untold.set(conversationId, ofConversation);
    const known = ofConversation.get(installationId);
    if (known) return known;
    // Read when first asked: where nothing overtaken is allowed, nobody asks a second time.
    this.#changes ??= membershipChanges(this.#events);
    const untold = untoldTo(installationId, this.#changes.get(conversationId) ?? []);
    ofConversation.set(installationId, untold);
    return untold;
  }
}

/** From when each change was made until the stream of one installation told of it; monotonic ms. */
interface Untold {
  /** By who joined. */
  readonly joined: ReadonlyMap<string, Spans>;
  /** By who left. */
  readonly left: ReadonlyMap<string, Spans>;
  /** Additions of inboxes that had been removed before. */
  readonly returned: Spans;
}

function untoldTo(installationId: string, changes: readonly Change[]): Untold {
  const goneOnce = new Set<string>();
  const stretches: (Change & Stretch & { readonly again: boolean })[] = [];
  for (const change of [...changes].sort((a, b) => a.rank - b.rank)) {
    if (change.change === "left") goneOnce.add(change.inboxId);
    const to = change.streamedTo.get(installationId);
    if (to !== undefined)
      stretches.push({ ...change, from: change.madeAt, to, again: goneOnce.has(change.inboxId) });
  }
  const spansBy = (kind: Change["change"]): Map<string, Spans> => {
    const own = stretches.filter(({ change }) => change === kind);
    return new Map([...groupBy(own, (one) => one.inboxId)].map(([id, its]) => [id, new Spans(its)]));
  };
  const returned = stretches.filter(({ change, again }) => change === "joined" && again);
  return { joined: spansBy("joined"), left: spansBy("left"), returned: new Spans(returned) };
}

function raced(untold: Spans | undefined, { at, endedAt = Infinity }: SendEvent): boolean {
  return (untold?.touching(at, endedAt) ?? -Infinity) > at;
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
