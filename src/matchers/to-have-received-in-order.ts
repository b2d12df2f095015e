import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { XmtpTestError } from "../errors.js";
import type { Content, Received } from "./content.js";
import { fits, receivedBy } from "./content.js";
import { textKept } from "../ledger/content.js";
import type { ReceiveEvent } from "../ledger/events.js";
import { checkReceiver } from "./receivers.js";
import { contentText } from "./failure-text.js";
import type { LedgerLook, ReceiveOptions } from "./ledger-matcher.js";
import { expectOfLedger } from "./ledger-matcher.js";
import type { LedgerOwner } from "./receivers.js";

/**
 * The worker has received all of these, in this order; other messages may arrive in between.
 *
 * Each expected text is met by the first receipt of it that met no earlier one, so a late copy cannot hide that the
 * first copy came too early. A pattern or predicate is met by the first that fits after what comes before it in the
 * list, other than such a late copy.
 */
export async function toHaveReceivedInOrder(
  this: ExpectMatcherState,
  owner: LedgerOwner,
  contents: readonly Content[],
  options: ReceiveOptions = {},
): Promise<MatcherReturnType> {
  checkReceiver("toHaveReceivedInOrder", owner, "a worker");
  if (!Array.isArray(contents)) {
    throw new XmtpTestError(
      "INVALID_ARGUMENT",
      "toHaveReceivedInOrder was not given a list.",
      'Give the contents as one: toHaveReceivedInOrder(["one", "two"]).',
    );
  }
  const texts = contents.map((content: Content) => contentText(this, content, {}));
  const expectedText = `in this order: ${texts.join(", ")}`;
  const look = (): LedgerLook => judge(receivedBy(owner, options), contents, texts);
  return await expectOfLedger(
    this,
    owner,
    { matcher: "toHaveReceivedInOrder", expected: contents, expectedText, look },
    options,
  );
}

function judge(
  received: readonly Received[],
  contents: readonly Content[],
  texts: readonly string[],
): LedgerLook {
  const places = placesOf(received, contents);
  const count = `${received.length} message${received.length === 1 ? "" : "s"}`;
  let latest = -1;
  for (const [index, place] of places.entries()) {
    if (place === undefined) continue;
    if (place < latest) {
      const before = places.findIndex((other) => other !== undefined && other > place);
      return {
        holds: false,
        final: true,
        received: `${count}, ${texts[index]} came before ${texts[before]}`,
      };
    }
    latest = place;
  }
  const missing = texts.filter((_, index) => places[index] === undefined);
  if (missing.length === 0) return { holds: true, final: true, received: `${count}, all in order` };
  return { holds: false, final: false, received: `${count}, without ${missing.join(", ")}` };
}

/** Which receipt meets each content; undefined where none does. */
function placesOf(
  received: readonly Received[],
  contents: readonly Content[],
): readonly (number | undefined)[] {
  const find = new Finder(received);
  let previous = -1;
  return contents.map((content) => {
    const place = typeof content === "string" ? find.text(content) : find.fitting(content, previous);
    if (place !== undefined) {
      find.taken.add(place);
      previous = Math.max(previous, place);
    }
    return place;
  });
}

class Finder {
  readonly taken = new Set<number>();
  readonly #received: readonly Received[];
  readonly #byText = new Map<string, { readonly places: number[]; next: number }>();
  /** The first receipt of each sender and value. */
  readonly #firsts = new Map<string, number>();

  constructor(received: readonly Received[]) {
    this.#received = received;
    for (const [place, { event }] of received.entries()) {
      const { text } = event.payload;
      const known = this.#byText.get(text) ?? { places: [], next: 0 };
      this.#byText.set(text, known);
      known.places.push(place);
      if (!this.#firsts.has(valueOf(event))) this.#firsts.set(valueOf(event), place);
    }
  }

  /** The first receipt of this text that met nothing. */
  text(content: string): number | undefined {
    const known = this.#byText.get(content.slice(0, textKept));
    for (; known && known.next < known.places.length; known.next += 1) {
      const place = known.places[known.next] ?? 0;
      if (!this.taken.has(place) && this.#fits(place, content)) return place;
      if (content.length > textKept) break;
    }
    return content.length > textKept ? this.#first(0, content) : undefined;
  }

  /**
   * A pattern fits many messages: the first after what came before it in the list, unless that is a late copy of a
   * message which came too early; else the first of all.
   */
  fitting(content: Content, previous: number): number | undefined {
    const later = this.#first(previous + 1, content, (place) => {
      const event = this.#received[place]?.event;
      const first = event === undefined ? place : (this.#firsts.get(valueOf(event)) ?? place);
      return first > previous || this.taken.has(first);
    });
    return later ?? this.#first(0, content);
  }

  #first(from: number, content: Content, isAllowed?: (place: number) => boolean): number | undefined {
    for (let place = from; place < this.#received.length; place += 1) {
      if (this.taken.has(place) || !this.#fits(place, content)) continue;
      if (isAllowed === undefined || isAllowed(place)) return place;
    }
    return undefined;
  }

  #fits(place: number, content: Content): boolean {
    const one = this.#received[place];
    return one !== undefined && fits(one.event, content);
  }
}

function valueOf({ senderInboxId, payload }: ReceiveEvent): string {
  return `${senderInboxId} ${payload.hash}`;
}
