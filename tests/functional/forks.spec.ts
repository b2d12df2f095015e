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

test("checkForks: who cannot be reached is reported as unknown, at the deadline", async ({
  chaos,
  getWorkers,
}) => {
  const workers = await getWorkers(["alice", "bob"]);
  const group = await workers.createGroupBetweenAll("cut");
  await workers.get("bob").client.conversations.sync();
  await chaos.stall("bob");

  const reports = await workers.checkForks({ timeout: 1_500 });
  const bobs = reports.filter(({ worker }) => worker === "bob");
  expect(bobs).toMatchObject([{ conversationId: group.id, fork: "unknown" }]);
  expect(bobs[0]?.detail).toContain("bob was not reached");
});
