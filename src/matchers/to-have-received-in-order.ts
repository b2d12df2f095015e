import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import type { Content, Received } from "./content.js";
import { fits, receivedBy } from "./content.js";
import { contentText } from "./failure-text.js";
import type { LedgerLook, ReceiveOptions } from "./ledger-matcher.js";
import { expectOfLedger } from "./ledger-matcher.js";
import type { LedgerOwner } from "./receivers.js";

/**
 * The worker has received all of these, in this order; other messages may come between them.
 *
 * Each expected message is met by the first receipt that fits it and met no earlier one, so a late copy cannot
 * hide that the first copy came too early.
 */
export async function toHaveReceivedInOrder(
  this: ExpectMatcherState,
  owner: LedgerOwner,
  contents: readonly Content[],
  options: ReceiveOptions = {},
): Promise<MatcherReturnType> {
  const texts = contents.map((content) => contentText(this, content, {}));
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
  const taken = new Set<number>();
  const places = contents.map((content) => {
    const place = received.findIndex((one, index) => !taken.has(index) && fits(one.event, content));
    taken.add(place);
    return place;
  });
  const count = `${received.length} message${received.length === 1 ? "" : "s"}`;
  const early = places.findIndex(
    (place, index) => place !== -1 && places.slice(0, index).some((before) => before > place),
  );
  if (early !== -1) {
    const before = places.findIndex((place) => place > (places[early] ?? 0));
    return { holds: false, final: true, received: `${count}, ${texts[early]} came before ${texts[before]}` };
  }
  const missing = texts.filter((_, index) => places[index] === -1);
  if (missing.length === 0) return { holds: true, final: true, received: `${count}, all in order` };
  return { holds: false, final: false, received: `${count}, without ${missing.join(", ")}` };
}
