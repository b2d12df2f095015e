import { expect } from "playwright-xmtp";
import type { Measure } from "#src/report/measuring/measure.js";
import { groupOf, identifierOf, textsOf } from "../../functional/support/sdk.js";
import { newGroup } from "./group-bench.js";
import type { Group, GroupBench } from "./group-bench.js";

const sorted = (ids: readonly string[]): string[] => [...ids].sort();

/** libxmtp takes no more addresses for one group (measured with 5.5.0: 250 pass, 251 do not). Inbox ids it does not count. */
const addressLimit = 250;

/** What the creator does: newGroup, newGroupByAddress, send, updateName, addMember, removeMembers. */
export async function measureOperations(bench: GroupBench, measure: Measure, n: number): Promise<void> {
  const { size, creator, receivers, others, spare } = bench;
  const everyone = sorted([creator, ...others].map(({ inboxId }) => inboxId));
  const membersOf = async (group: Group): Promise<string[]> =>
    sorted((await group.members()).map(({ inboxId }) => inboxId));

  const made: Group[] = [];
  await measure.repeat("newGroup", { size, n }, async (run) =>
    made.push(await newGroup(bench, `run ${run}`)),
  );
  expect(made.map(({ name }) => name)).toEqual(Array.from({ length: n + 1 }, (_, at) => `run ${at - 1}`));
  const byAddress = (): Promise<Group> =>
    creator.client.conversations.createGroupWithIdentifiers(others.map(identifierOf));
  if (others.length > addressLimit) {
    await expect(byAddress()).rejects.toThrow("Max user limit exceeded");
    console.log(`newGroupByAddress, size ${size}: the SDK takes ${addressLimit} addresses at most`);
  } else {
    await measure.repeat("newGroupByAddress", { size, n }, async () => made.push(await byAddress()));
    expect(made).toHaveLength(2 * (n + 1));
  }
  for (const group of made) expect(await membersOf(group)).toEqual(everyone);

  const group = await newGroup(bench, "operations");
  const [witness] = receivers;
  if (!witness) throw new TypeError(`A group of ${size} has no receiver.`);
  await measure.repeat("send", { size, n }, (run) => group.sendText(`message ${run}`));
  const theirs = await groupOf(witness, group.id);
  expect(textsOf(await theirs.messages())).toEqual(
    Array.from({ length: n + 1 }, (_, at) => `message ${at - 1}`),
  );

  await measure.repeat("groupSync", { size, n, before: (run) => group.sendText(`synced ${run}`) }, () =>
    theirs.sync(),
  );
  expect(textsOf(await theirs.messages())).toContain(`synced ${n - 1}`);

  await measure.repeat("updateName", { size, n }, (run) => group.updateName(`name ${run}`));
  await theirs.sync();
  expect(theirs.name).toBe(`name ${n - 1}`);

  const added = spare.slice(0, n + 1).map(({ inboxId }) => inboxId);
  await measure.repeat("addMember", { size, n }, (run) => group.addMembers(added.slice(run + 1, run + 2)));
  expect(await membersOf(group)).toEqual(sorted([...everyone, ...added]));

  await measure.repeat("removeMembers", { size, n }, (run) =>
    group.removeMembers(added.slice(run + 1, run + 2)),
  );
  await theirs.sync();
  expect(await membersOf(group)).toEqual(everyone);
  expect(await membersOf(theirs)).toEqual(everyone);
}
