// Each test fails with the code that is its title.
import { getWorkers as atUrl, test, typeOfSync, typeofStream, verifyMessageStream } from "playwright-xmtp";

test("UNKNOWN_WORKER", async ({ getWorkers }) => void (await getWorkers(["alice"])).get("bob"));
test("DUPLICATE_WORKER", async ({ getWorkers }) => void (await getWorkers(["alice", "alice"])));
test("INVALID_NAME", async ({ getWorkers }) => void (await getWorkers(["al ice"])));
test("INVALID_COUNT", async ({ getWorkers }) => void (await getWorkers(0)));
test("INVALID_INTERVAL", async ({ alice }) => void (await alice.startSync(typeOfSync.SyncAll, 0)));
test("INVALID_OPTION", async ({ alice }) => void (await alice.startStream("messages")));
test("INVALID_ARGUMENT", async ({ alice }) => void (await alice.createDm(7)));
test("BAD_URL", async ({ getWorkers }) => void (await getWorkers({ alice: "nonsense" })));
test("SDK_VERSION", async ({ getWorkers }) => void (await getWorkers(["alice-a-9.9.9"])));
test("NO_WORKERS", async ({ getWorkers }) => void (await getWorkers(["alice"])).getReceiver());
test("NODE_UNREACHABLE", async () => void (await atUrl(["alice"], "nobody there", "http://127.0.0.1:9")));
test("WORKER_CONFLICT", async ({ alice, getWorkers, network }) =>
  void (await getWorkers({ [alice.name]: network.url })));
test("CALLS_NOT_COUNTED", async ({ alice }) => void (await alice.apiCalls()));
test("CONVERSATION_UNKNOWN", async ({ alice }) => void (await alice.conversation("ab".repeat(16))));
test("INSTALLATION_UNKNOWN", async ({ alice }) => alice.revokeInstallations(["ab".repeat(32)]));

test("WORKER_OFFLINE", async ({ alice }) => {
  await alice.goOffline();
  await alice.sync();
});

test("WORKER_TERMINATED", async ({ alice }) => {
  await alice.terminate();
  await alice.sync();
});

test("TOO_MANY_INSTALLATIONS", async ({ alice }) => {
  // Each is revoked again: beyond ten at once libxmtp refuses by itself.
  for (;;) {
    const { installationId } = await alice.addNewInstallation();
    await alice.revokeInstallations([installationId]);
  }
});

test("SDK_UNSUPPORTED", async ({ alice, bob }) => {
  await alice.addMembers(await alice.createDm(bob), [bob]);
});

test("COLLECT_TIMEOUT", async ({ alice, bob }) => {
  const dm = await alice.createDm(bob);
  await bob.startStream(typeofStream.Message);
  await bob.collectMessages(dm, 1, { timeout: 50 });
});

test("NO_ANSWER", async ({ alice, bob }) => {
  await alice.ask(await alice.createDm(bob), "are you there?", { timeout: 50 });
});

test("NOT_AWAITED", async ({ alice, bob }) => {
  const dm = await alice.createDm(bob);
  void bob.collectMessages(dm, 1, { timeout: 60_000 });
});

test("SDK_DATABASE", async ({ alice }) => {
  // As a database answers that a newer version has written.
  alice.client.conversations.list = () => Promise.reject(new Error("no such column: x"));
  await alice.conversation("ab".repeat(16));
});

test("NOT_RECORDED", async ({ alice, bob }) => {
  await verifyMessageStream({ id: "00", sendText: () => Promise.resolve("") }, [alice, bob]);
});

test("FORKED", async ({ getWorkers }) => {
  // No release of libxmtp that loads here forks by itself: what alice reads of the group is forged.
  const workers = await getWorkers(["alice", "bob"]);
  await workers.createGroupBetweenAll("forged");
  const snapshot = workers.alice.snapshot.bind(workers.alice);
  workers.alice.snapshot = async (id) => ({ ...(await snapshot(id)), fork: "forked" });
  await workers.checkForks();
});
