import type { LedgerEvent, LineEvent, ReceiveEvent, SendEvent } from "../ledger/events.js";
import type { History } from "../ledger/history.js";
import { isPublication, momentIn } from "../ledger/publications.js";

/** What the picture shows of apps' and pages' lines, and which message each event of a line is about. */
export class LineLinks {
  /** Receipts by the publication that brought them. */
  readonly #receipts = new Map<number, ReceiveEvent>();
  /** The seq of a send or publication by conversation and the node's time. */
  readonly #sources = new Map<string, number>();
  readonly #drawn = new Set<number>();
  readonly #sends: readonly SendEvent[];

  constructor({ events, receives, sends, sendOf, publicationOf }: History) {
    this.#sends = sends;
    for (const receive of receives) {
      const publication = publicationOf(receive);
      if (publication && !this.#receipts.has(publication.seq)) this.#receipts.set(publication.seq, receive);
      const send = sendOf(receive);
      if (send) this.#sources.set(momentIn(send.conversationId, receive.sentAtNs), send.seq);
    }
    for (const one of events)
      if (isPublication(one) && !one.commit)
        this.#sources.set(momentIn(one.conversationId, one.createdNs), one.seq);
    this.#select(events);
  }

  /** Whether the picture shows this event of a line. */
  shows(event: LineEvent): boolean {
    return this.#drawn.has(event.seq);
  }

  /** What a publication said, as a worker was given it: the node sees ciphertext only. */
  said(publication: LineEvent): Pick<ReceiveEvent, "contentType" | "payload"> {
    return this.#receipts.get(publication.seq) ?? unread;
  }

  /** The seq of the send or publication that was delivered; undefined where several fit, or none. */
  sourceOf(delivered: LineEvent): number | undefined {
    const { conversationId, createdNs } = delivered;
    const known = this.#sources.get(momentIn(conversationId, createdNs));
    if (known !== undefined || createdNs === "") return known;
    // Nobody else was given it: the node stored it while its sender's call was under way.
    const storedAt = Number(BigInt(createdNs) / 1_000_000n);
    const fitting = this.#sends.filter(
      (one) =>
        one.conversationId === conversationId &&
        one.wall - 1 <= storedAt &&
        storedAt <= one.wall + (one.endedAt ?? Infinity) - one.at + 1,
    );
    return fitting.length === 1 ? fitting[0]?.seq : undefined;
  }

  #select(events: readonly LedgerEvent[]): void {
    // An SDK also talks to itself: in the sync groups of its own installations, which no worker sees.
    const known = new Set(events.flatMap((one) => (one.kind === "line" ? [] : (conversationOf(one) ?? []))));
    const told = new Set<string>();
    const own = new Set(events.filter(isPublication).map((one) => `${one.worker} ${one.sequenceId}`));
    for (const one of events) {
      if (one.kind !== "line" || !isShown(one, known, own)) continue;
      // A query brings again what the stream brought.
      const once = [one.worker, one.what, one.about, one.conversationId, one.sequenceId].join(" ");
      if (told.has(once)) continue;
      told.add(once);
      this.#drawn.add(one.seq);
    }
  }
}

const unread = { contentType: "text", payload: { hash: "", text: "(no worker received it)" } } as const;

function isShown(event: LineEvent, known: ReadonlySet<string>, own: ReadonlySet<string>): boolean {
  const { what, about, commit, conversationId, recipientInstallationId, installationId } = event;
  if (what === "registered") return true;
  if (what !== "published" && what !== "delivered") return false;
  if (about === "welcome") return what === "delivered" && recipientInstallationId === installationId;
  if (about !== "group" || commit || !known.has(conversationId)) return false;
  return what === "published" || !own.has(`${event.worker} ${event.sequenceId}`);
}

function conversationOf(event: LedgerEvent): string | undefined {
  return "conversationId" in event ? event.conversationId : undefined;
}
