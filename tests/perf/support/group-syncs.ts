import { expect } from "playwright-xmtp";
import type { Worker, WorkerManager } from "playwright-xmtp";
import type { Measure } from "#src/report/measuring/measure.js";
import { textsOf } from "../../functional/support/sdk.js";
import { newGroup } from "./group-bench.js";
import type { GroupBench, Group } from "./group-bench.js";

/** Messages a fresh client finds in the group. */
const history = ["one", "two", "three", "four", "five"];

/**
 * Syncs of a client that has nothing yet (coldSync, coldSyncAll: a new client each run), and of one that has
 * the groups of all runs before and finds one more, and one message in each (syncCumulative, syncAllCumulative).
 */
export async function measureSyncs(
  bench: GroupBench,
  measure: Measure,
  n: number,
  getWorkers: (names: readonly string[]) => Promise<WorkerManager>,
): Promise<void> {
  const { size } = bench;
  const fresh = async (name: string): Promise<{ worker: Worker; group: Group }> => {
    const worker = (await getWorkers([name])).get(name);
    const group = await newGroup(joined(bench, worker), name);
    for (const text of history) await group.sendText(text);
    return { worker, group };
  };
  await measure.repeat(
    "coldSync",
    { size, n, before: (run) => fresh(`cold${run + 1}`) },
    async (_run, { worker }) => await worker.client.conversations.sync(),
  );
  await measure.repeat(
    "coldSyncAll",
    { size, n, before: (run) => fresh(`coldall${run + 1}`) },
    async (_run, { worker }) => await worker.client.conversations.syncAll(),
  );
  const last = (await getWorkers([`coldall${n}`])).get(`coldall${n}`);
  await holds(last, 1, history);

  const [grown] = bench.receivers;
  if (!grown) throw new TypeError(`A group of ${size} has no receiver.`);
  await grown.client.conversations.syncAll();
  const already = (await grown.client.conversations.list()).length;
  const groups: Group[] = [];
  const grow = async (run: number): Promise<void> => {
    groups.push(await newGroup(bench, `grown ${run}`));
    for (const group of groups) await group.sendText(`cumulative ${run}`);
  };
  await measure.repeat("syncCumulative", { size, n, before: grow }, () => grown.client.conversations.sync());
  expect(await grown.client.conversations.list()).toHaveLength(already + n + 1);
  await measure.repeat("syncAllCumulative", { size, n, before: grow }, () =>
    grown.client.conversations.syncAll(),
  );
  expect(await grown.client.conversations.list()).toHaveLength(already + 2 * (n + 1));
  const oldest = await grown.client.conversations.getConversationById(groups[0]?.id ?? "");
  expect(textsOf((await oldest?.messages()) ?? []).at(-1)).toBe(`cumulative ${n - 1}`);
}

/** The same size with `worker` in place of the last padding member. */
function joined(bench: GroupBench, worker: Worker): GroupBench {
  return { ...bench, others: [...bench.others.slice(0, -1), worker] };
}

async function holds(worker: Worker, conversations: number, texts: readonly string[]): Promise<void> {
  const all = await worker.client.conversations.list();
  expect(all).toHaveLength(conversations);
  expect(textsOf((await all[0]?.messages()) ?? [])).toEqual(texts);
}
