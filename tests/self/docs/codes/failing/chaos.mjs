// Each test fails with the code that is its title.
import { expect, test } from "playwright-xmtp";
import { parsePlan } from "#src/chaos/index.js";

test("CHAOS_TARGETS", async ({ chaos }) => void (await chaos.cut("eve")));
test("CHAOS_OPTION", async ({ alice, chaos }) => void (await chaos.latency(alice, "100ms")));
test("CHAOS_PLAN", async ({ chaos }) => void (await chaos.run(parsePlan("{}"))));
test("CHAOS_ORDER", async ({ alice, chaos }) => void chaos.direct(alice.name));
test("BAD_METHOD", async ({ network }) => void (await network.failNext("SendMessages", { code: 14 })));
test("BAD_FAULT", async ({ network }) => void (await network.delayNext("SendGroupMessages", 500)));
test("PARTY_CONFLICT", async ({ alice, launch }) => void (await launch(alice.name, { command: "true" })));

test("CHAOS_MASKED", async ({ alice, chaos }) => {
  await chaos.cut(alice);
  await chaos.latency(alice, 50);
});

test("CHAOS_LINK_DOWN", async ({ alice, chaos, network }) => {
  await network.stop();
  await chaos.latency(alice, 50);
});

test("HEAL_FAILED", async ({ alice, chaos, network }) => {
  await chaos.cut(alice);
  await network.stop();
  await chaos.heal({ timeout: 300 });
});

test("FAULT_NOT_EFFECTIVE", async ({ alice, chaos }) => void (await chaos.node.dropStreams(alice)));
test("CHAOS_LEAK", async ({ alice, chaos, _xmtpNetwork }) => {
  void [alice, chaos];
  await _xmtpNetwork.node.failNext("SendGroupMessages", { code: 14 });
});
test("CHAOS_TLS", async ({ chaos, getWorkers }) => {
  expect(chaos.faults).toEqual([]);
  await getWorkers({ alice: "https://127.0.0.1:9" });
});

test("CLIENT_PORT", async ({ alice, chaos, _xmtpNetwork }) => {
  expect(chaos.faults).toEqual([]);
  await _xmtpNetwork.node.openClientPort(alice.name);
});

test.describe("one after the other", () => {
  test.describe.configure({ mode: "default" });
  let ended;
  test("is over", ({ chaos }) => void (ended = chaos));
  test("CHAOS_ENDED", () => ended.cut("alice"));
});
