import { expect, test } from "playwright-xmtp";

test("checkForks: workers in the same state vouch for each other", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const group = await workers.createGroupBetweenAll("whole");
  await group.updateName("still whole");
  const reports = await workers.checkForks();
  expect(reports.map(({ worker, conversationId, fork }) => [worker, conversationId, fork])).toEqual(
    ["alice", "bob", "carol"].map((name) => [name, group.id, "healthy"]),
  );
});

test("checkForks: alone, nobody can vouch, and unknown is reported as unknown", async ({ getWorkers }) => {
  const workers = await getWorkers(["alice"]);
  const group = await workers.getCreator().client.conversations.createGroup([]);
  const [report] = await workers.checkForks();
  expect(report).toMatchObject({ worker: "alice", conversationId: group.id, fork: "unknown" });
});
