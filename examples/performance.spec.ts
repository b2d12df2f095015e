/** Measurements by operation and size. Exceeding a budget fails the test; the reporter draws the figures. */
import { expect, test, typeofStream } from "playwright-xmtp";

test.use({ budgets: { send: { p95: 2_000 }, delivery: { p95: 3_000 } } });

test("sending to and receiving from a group of three", async ({ getWorkers, measure }) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const group = await workers.createGroupBetweenAll("measured");
  const { bob } = workers;
  await bob.startStream(typeofStream.Message);

  await measure.repeat("send", { size: 3, n: 10 }, (run) => group.sendText(`send ${run}`));
  await measure.repeat("delivery", { size: 3, n: 10 }, async (run) => {
    await group.sendText(`delivery ${run}`);
    await bob.collectMessages(group, 1, { content: `delivery ${run}` });
  });

  expect(measure.summary().map(({ operation }) => operation)).toEqual(["delivery", "send"]);
});
