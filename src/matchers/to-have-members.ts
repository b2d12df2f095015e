import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { inboxOf, labelOf } from "./content.js";
import { timeoutOf } from "../async/timeout.js";
import { withShortIds } from "../ledger/naming.js";
import { answer } from "./failure-text.js";
import { poll } from "./poll.js";
import { checkReceiver, isWorkerLike } from "./receivers.js";
import type { InboxLike } from "../ledger/party.js";
import type { MembersSource } from "./receivers.js";

export interface MembersOptions {
  /** How long to wait, ms. Default: the timeout of `expect` (5,000 ms unless configured). */
  readonly timeout?: number;
}

/** The group (or DM) has exactly these members, given as workers or inbox ids in any order. */
export async function toHaveMembers(
  this: ExpectMatcherState,
  group: MembersSource,
  members: readonly InboxLike[],
  options: MembersOptions = {},
): Promise<MatcherReturnType> {
  checkReceiver("toHaveMembers", group, "a group or DM");
  const timeoutMs = timeoutOf(options, this.timeout);
  const names = new Map(members.map((one) => [inboxOf(one), labelOf(one)]));
  const wanted = [...names.keys()];
  const known = members.find(isWorkerLike);
  const ledger = known?.worker.events;
  const look = async (): Promise<string[]> => {
    await group.sync?.();
    return (await group.members()).map((one) => one.inboxId);
  };
  const same = (found: readonly string[]): boolean =>
    found.length === wanted.length && wanted.every((one) => found.includes(one));
  const label = (inboxId: string): string => names.get(inboxId) ?? withShortIds(inboxId);
  const describe = (found: readonly string[]): string => `members: ${found.map(label).join(", ") || "none"}`;
  const {
    look: found,
    log,
    timedOut,
  } = await poll(timeoutMs, look, (one) => same(one) !== this.isNot, describe);
  return answer(this, found === undefined ? this.isNot : same(found), {
    matcher: "toHaveMembers",
    receiver: `group ${withShortIds(group.id)}`,
    expected: wanted,
    expectedText: `members ${wanted.map(label).join(", ") || "none"}`,
    actual: found,
    received:
      found === undefined
        ? ["no answer"]
        : [
            describe(found),
            `missing: ${
              wanted
                .filter((one) => !found.includes(one))
                .map(label)
                .join(", ") || "nobody"
            }`,
            `not expected: ${
              found
                .filter((one) => !names.has(one))
                .map(label)
                .join(", ") || "nobody"
            }`,
          ],
    timeoutMs,
    timedOut,
    ...(ledger && { events: ledger.events }),
    log,
  });
}
