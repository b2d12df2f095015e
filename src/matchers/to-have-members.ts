import type { ExpectMatcherState, MatcherReturnType } from "@playwright/test";
import { inboxOf, labelOf } from "./content.js";
import { answer } from "./failure-text.js";
import { poll } from "./poll.js";
import type { InboxLike, MembersSource } from "./receivers.js";

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
  const timeoutMs = options.timeout ?? this.timeout;
  const names = new Map(members.map((one) => [inboxOf(one), labelOf(one)]));
  const wanted = [...names.keys()];
  const look = async (): Promise<string[]> => {
    await group.sync?.();
    return (await group.members()).map((one) => one.inboxId);
  };
  const same = (found: readonly string[]): boolean =>
    found.length === wanted.length && wanted.every((one) => found.includes(one));
  const label = (inboxId: string): string => names.get(inboxId) ?? inboxId;
  const describe = (found: readonly string[]): string => `members: ${found.map(label).join(", ") || "none"}`;
  const { look: found, log } = await poll(timeoutMs, look, (one) => same(one) !== this.isNot, describe);
  return answer(this, found === undefined ? this.isNot : same(found), {
    matcher: "toHaveMembers",
    receiver: `group ${group.id}`,
    expected: wanted,
    expectedText: `members ${[...names.values()].join(", ") || "none"}`,
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
            `not expected: ${found.filter((one) => !names.has(one)).join(", ") || "nobody"}`,
          ],
    timeoutMs,
    events: [],
    log,
  });
}
