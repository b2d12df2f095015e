import { connectNetwork } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import type { TestLedger } from "#src/ledger/ledger.js";
import { runInlineTest, specsOf } from "../inline-project.js";
import { RawClient } from "../network/grpc-client.js";
import { groupId, privateMessage } from "../network/mls-bytes.js";
import { expect, test } from "./rig.js";
import type { Rig } from "./rig.js";

const { method } = mls.MlsApi;
const states = (ledger: TestLedger): string[] =>
  ledger.events.flatMap((event) => (event.kind === "fault" ? [event.state] : []));
const clientOf = ({ lines }: Rig, worker: string): RawClient => new RawClient(lines.get(worker).url);
const send = (raw: RawClient, text: string) =>
  raw.call(method.sendGroupMessages, {
    messages: [{ version: { case: "v1", value: { data: privateMessage("one", text) } } }],
  });
const follow = (raw: RawClient) =>
  raw.subscribe(method.subscribeGroupMessages, { filters: [{ groupId: groupId("one") }] });

test("a fault at the node hits the worker it names, through its own proxy, and counts", async ({ rig }) => {
  await using alice = clientOf(rig, "alice");
  await using bob = clientOf(rig, "bob");
  const fault = await rig.chaos.node.failCalls("alice", "SendGroupMessages", {
    code: "RESOURCE_EXHAUSTED",
    times: 2,
  });
  expect(states(rig.ledger)).toEqual(["applied"]);
  expect(await send(bob, "a")).toMatchObject({ status: 0 });
  expect(await send(alice, "a")).toMatchObject({ status: 8 });
  await fault.waitForHit();
  expect(states(rig.ledger)).toEqual(["applied", "effective"]);
  expect(await send(alice, "a")).toMatchObject({ status: 8 });
  expect(await send(alice, "a")).toMatchObject({ status: 0 });
  expect(rig.chaos.faults).toEqual([fault]);
  await rig.chaos.heal();
  expect([fault.hits(), fault.hits("bob"), fault.evidence.get("alice")]).toEqual([2, 0, "2 calls failed"]);
  expect(states(rig.ledger)).toEqual(["applied", "effective", "lifted"]);
  expect(rig.chaos.faults).toEqual([]);
});

test("a fault that no call of a target met is not effective: waitForHit, lift and heal say so", async ({
  rig,
}) => {
  await using alice = clientOf(rig, "alice");
  const fault = await rig.chaos.node.delayCalls(["alice", "bob"], "SendGroupMessages", 5);
  await send(alice, "a");
  const notEffective = {
    code: "FAULT_NOT_EFFECTIVE",
    message: expect.stringContaining("alice: 1 calls delayed; bob: 0 calls delayed"),
  };
  await expect(fault.waitForHit({ timeout: 50 })).rejects.toMatchObject(notEffective);
  await expect(rig.chaos.heal()).rejects.toMatchObject(notEffective);
  expect(states(rig.ledger)).toEqual(["applied", "not_effective", "lifted"]);
  expect(rig.chaos.faults).toEqual([]);
  const lost = await rig.chaos.node.loseDeliveries("bob");
  await expect(lost.lift()).rejects.toMatchObject({ code: "FAULT_NOT_EFFECTIVE" });
});

test("streams: dropping or muting none is not effective at once; muted ones end when lifted", async ({
  rig,
}) => {
  const { chaos } = rig;
  const none = { code: "FAULT_NOT_EFFECTIVE" };
  await expect(chaos.node.dropStreams("alice")).rejects.toMatchObject(none);
  await expect(chaos.node.muteStreams("alice")).rejects.toMatchObject(none);
  await expect(chaos.node.isolate("alice")).rejects.toMatchObject(none);
  await using alice = clientOf(rig, "alice");
  const stream = follow(alice);
  await stream.headers;
  await expect(chaos.node.dropStreams("alice", { stream: "welcome" })).rejects.toMatchObject(none);
  const muted = await chaos.node.muteStreams("alice");
  await send(alice, "a");
  expect(stream.received).toEqual([]);
  await muted.lift();
  expect(await stream.ended).toMatchObject({ status: 14, message: "muted stream ended" });
  const again = follow(alice);
  await again.atLeast(1);
  const dropped = await chaos.node.dropStreams("alice", { code: "ABORTED" });
  expect([dropped.active, dropped.hits()]).toEqual([false, 1]);
  expect(await again.ended).toMatchObject({ status: 10 });
  expect(chaos.faults).toEqual([]);
});

test("a lost reply is stored, duplicates come twice, and what was held goes on when lifted", async ({
  rig,
}) => {
  await using alice = clientOf(rig, "alice");
  const stream = follow(alice);
  await stream.headers;
  {
    await using _lost = await rig.chaos.node.loseReplies("alice", "SendGroupMessages");
    expect(await send(alice, "a")).toMatchObject({ status: 14 });
  }
  await using twice = await rig.chaos.node.duplicateDeliveries("alice", { times: 1 });
  await send(alice, "b");
  await twice.waitForHit({ timeout: Infinity });
  const swapped = await rig.chaos.node.reorderDeliveries("alice");
  await send(alice, "c");
  await send(alice, "d");
  await send(alice, "e");
  await swapped.lift();
  const ids = (await stream.atLeast(6)).map(({ version }) => Number(version.value?.id));
  expect(ids).toEqual([1, 2, 2, 4, 3, 5]);
});

test("refused: an unknown method, an odd count, a stranger; nothing stays armed", async ({ rig, node }) => {
  const { chaos, ledger } = rig;
  const refusals: [() => Promise<unknown>, string][] = [
    [() => chaos.node.failCalls("alice", "Send" as never), "BAD_METHOD"],
    [() => chaos.node.failCalls("alice", "SendGroupMessages", { code: 0 }), "BAD_FAULT"],
    [() => chaos.node.failCalls("alice", "SendGroupMessages", { code: "GONE" as never }), "BAD_FAULT"],
    [() => chaos.node.loseDeliveries(["alice", "bob"], { times: 0.5 }), "BAD_FAULT"],
    [() => chaos.node.failCalls("carol", "SendGroupMessages"), "CHAOS_TARGETS"],
  ];
  for (const [refused, code] of refusals) await expect(refused()).rejects.toMatchObject({ code });
  expect(await node.faults()).toEqual([]);
  expect(chaos.faults).toEqual([]);
  expect(ledger.activeFaults()).toEqual([]);
});

test("workers of an external node have none: the error says where they connect", async ({ rig, node }) => {
  const network = await connectNetwork({ env: "mine", url: node.url.replace("127.0.0.1", "localhost") });
  await rig.chaos.route("carol", network);
  await expect(rig.chaos.node.failCalls(["alice", "carol"], "SendGroupMessages")).rejects.toMatchObject({
    code: "NOT_EMBEDDED",
    message: expect.stringContaining(`carol to localhost:${new URL(node.url).port}`),
  });
});

test("at the end of a test: lifted before the workers close, not effective or leaked fails it", async () => {
  const run = await runInlineTest({
    "end.spec.ts": `import { expect, test, typeofStream } from "playwright-xmtp";
test("met and left on", async ({ alice, bob, chaos }) => {
  await chaos.node.delayCalls(alice, "SendGroupMessages", 5);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("hi");
});
test("never met", async ({ alice, chaos }) => {
  await chaos.node.failCalls(alice, "SendGroupMessages");
});
test("behind its back", async ({ alice, chaos, _xmtpNetwork }: any) => {
  await _xmtpNetwork.node.failNext("SendGroupMessages", { code: 14 });
});
test("nothing of it is left", async ({ alice, chaos, network }) => {
  expect(await network.faults()).toEqual([]);
  expect(await network.clientPorts()).toEqual(["alice"]);
});
`,
  });
  const [report] = run.report ? [specsOf(run.report)] : [[]];
  expect(report.map(({ title, ok }) => [title, ok])).toEqual([
    ["met and left on", true],
    ["never met", false],
    ["behind its back", false],
    ["nothing of it is left", true],
  ]);
  expect(run.errors.join("\n")).toContain(
    'The fault "failCalls" (SendGroupMessages with UNAVAILABLE) at the node did not take effect',
  );
  expect(run.errors.join("\n")).toContain(
    "The node still has faults or ports of this test (fail SendGroupMessages with UNAVAILABLE)",
  );
});
