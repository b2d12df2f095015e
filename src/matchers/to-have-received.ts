import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import type { Content, Received } from "./content.js";
import { fits, receivedBy } from "./content.js";
import { contentText } from "./failure-text.js";
import type { ReceiveOptions } from "./ledger-matcher.js";
import { expectOfLedger } from "./ledger-matcher.js";
import { checkReceiver } from "./receivers.js";
import { withShortIds } from "../ledger/naming.js";
import type { LedgerOwner } from "./receivers.js";

/**
 * The worker has received this message since the test began, or does so within the timeout: on a stream, or from the
 * database after a reconnect. Its own messages do not count.
 *
 * With `.not` it keeps listening until the ledger has settled, see `ReceiveOptions.settle`.
 */
export async function toHaveReceived(
  this: ExpectMatcherState,
  owner: LedgerOwner,
  content: Content,
  options: ReceiveOptions = {},
): Promise<MatcherReturnType> {
  checkReceiver("toHaveReceived", owner, "a worker");
  const expectedText = contentText(this, content, options);
  const look = (): { holds: boolean; final: boolean; received: string } => {
    const all = receivedBy(owner, options);
    const holds = all.some((one) => fits(one.event, content));
    return { holds, final: holds, received: `${counted(all.length)}${holds ? "" : ", none of which fits"}` };
  };
  return await expectOfLedger(
    this,
    owner,
    { matcher: "toHaveReceived", expected: content, expectedText, look },
    options,
  );
}

/**
 * The worker has received this message once: one message id, delivered once. A second stream delivery of the same
 * id fails it, and so does a second id with the same content (a resend).
 *
 * After the first delivery it keeps listening until the ledger has settled, see `ReceiveOptions.settle`.
 */
export async function toHaveReceivedExactlyOnce(
  this: ExpectMatcherState,
  owner: LedgerOwner,
  content: Content,
  options: ReceiveOptions = {},
): Promise<MatcherReturnType> {
  checkReceiver("toHaveReceivedExactlyOnce", owner, "a worker");
  const expectedText = `exactly once ${contentText(this, content, options)}`;
  const look = (): { holds: boolean; final: boolean; received: string } => {
    const all = receivedBy(owner, options);
    const copies = all.filter((one) => fits(one.event, content));
    const times = copies.reduce((sum, one) => sum + one.times, 0);
    return {
      holds: times === 1,
      final: times > 1,
      received: `${counted(all.length)}, ${timesText(times, copies)}`,
    };
  };
  return await expectOfLedger(
    this,
    owner,
    { matcher: "toHaveReceivedExactlyOnce", expected: content, expectedText, look },
    options,
  );
}

function timesText(times: number, copies: readonly Received[]): string {
  if (times <= 1) return times === 1 ? "it once" : "it never";
  const ids = copies.map((one) =>
    one.times === 1 ? one.event.messageId : `${one.event.messageId} ${one.times} times`,
  );
  return `it ${times} times: ${withShortIds(ids.join(", "))}`;
}

function counted(count: number): string {
  return `${count} message${count === 1 ? "" : "s"}`;
}
