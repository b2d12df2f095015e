/** Written as the earliest vitest suites of the framework are: texts by a function, helpers by their first names. */
import {
  calculateMessageStats,
  describe,
  expect,
  getWorkers,
  getWorkersFromGroup,
  it,
  sendPerformanceResult,
  sendTestResults,
  typeofStream,
  verifyGroupUpdateStream,
  verifyMessageStream,
  verifyStream,
  verifyStreamAll,
} from "playwright-xmtp/compat";
import type { Conversation, Worker } from "playwright-xmtp/compat";

describe("the earliest spelling", async () => {
  const workers = await getWorkers(["bob", "alice", "joe", "sam"], "the earliest spelling");
  const [bob, alice, joe, sam] = ["bob", "alice", "joe", "sam"].map((name) => workers.mustGet(name)) as [
    Worker,
    Worker,
    Worker,
    Worker,
  ];
  const inboxes = [alice.inboxId, joe.inboxId];
  const group = await bob.client.conversations.newGroup(inboxes);
  const started = performance.now();

  it("texts are made by a function, and what came is listed by receiver", async () => {
    let sent = 0;
    const result = await verifyMessageStream(
      group,
      [alice, joe],
      3,
      (index) => `gm-${index + 1}-own`,
      undefined,
      () => {
        sent += 1;
      },
    );
    expect(sent).toBe(3);
    expect(result.allReceived).toBe(true);
    const all = ["gm-1-own", "gm-2-own", "gm-3-own"];
    expect(result.messages).toEqual([all, all]);
    // Later suites have one text there.
    expect(String(result.messages)).toBe([...all, ...all].join(","));
    const stats = calculateMessageStats(result.messages, "gm-", 3, "own");
    expect(stats).toEqual({ receptionPercentage: 100, orderPercentage: 100 });
  });

  it("a sender of the suite's own is asked, and a worker outside gets nothing", async () => {
    const say = (to: Conversation, text: string): Promise<string> => to.send(text);
    const told = await verifyStream(group, [bob, alice], "text", 2, (at, word) => `${word} ${at}`, say);
    expect(told).toMatchObject({ allReceived: true, receiverCount: 1 });
    const untold = await verifyStream(group, [sam], typeofStream.Message, 1, undefined, say);
    expect(untold).toMatchObject({ receptionPercentage: 0, messages: [[]] });
  });

  it("a group's workers are those that are its members", async () => {
    expect(await getWorkersFromGroup(group, workers)).toEqual([bob, alice, joe]);
    expect(await verifyStreamAll(group, workers)).toMatchObject({ allReceived: true, receiverCount: 2 });
    await group.addMembers([sam.inboxId]);
    expect(await verifyStreamAll(group, workers)).toMatchObject({ allReceived: true, receiverCount: 3 });
  });

  it("names of a group", async () => {
    const renamed = await verifyGroupUpdateStream(group, [alice], 2, (at) => `name ${at}`);
    expect(renamed.messages).toEqual([["name 0", "name 1"]]);
    expect(await verifyStream(group, [alice], "group_updated")).toMatchObject({ allReceived: true });
    expect(group.name).toMatch(/^gm-1-/);
  });

  it("results-4:are in the report", () => {
    sendPerformanceResult(expect, workers, started);
    sendTestResults(false, "the earliest spelling");
    expect(workers.getWorkers()).toHaveLength(workers.getLength());
  });
});
