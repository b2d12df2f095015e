import { connect } from "node:net";
import type { Chaos, Fault } from "#src/chaos/index.js";
import type { TestLedger } from "#src/ledger/ledger.js";
import { expect, test } from "./rig.js";

const verbs: Record<string, (chaos: Chaos) => Promise<Fault>> = {
  latency: (chaos) => chaos.latency("alice", 50),
  "latency, jittered": (chaos) =>
    chaos.latency("alice", { latencyMs: 200, jitterMs: 200, direction: "upstream" }),
  "latency, long": (chaos) => chaos.latency("alice", { latencyMs: 20_000, direction: "downstream" }),
  throttle: (chaos) => chaos.throttle("alice", 20),
  "throttle, fast": (chaos) => chaos.throttle("alice", { rateKBps: 1_000, direction: "downstream" }),
  slice: (chaos) => chaos.slice("alice"),
  stall: (chaos) => chaos.stall("alice", { direction: "upstream" }),
  blackhole: (chaos) => chaos.blackhole("alice", { direction: "downstream" }),
  cut: (chaos) => chaos.cut("alice"),
  reset: (chaos) => chaos.reset("alice", { afterMs: 40 }),
  limit: (chaos) => chaos.limit("alice", 2_000),
  flaky: (chaos) => chaos.flaky("alice"),
  partition: (chaos) => chaos.partition(["alice"], ["bob"]),
};

const states = (ledger: TestLedger): string[] =>
  ledger.events.flatMap((event) => (event.kind === "fault" ? [event.state] : []));

for (const [name, apply] of Object.entries(verbs)) {
  test(`${name}: is shown, recorded and lifted`, async ({ rig, toxiproxy }) => {
    const fault = await apply(rig.chaos);
    expect(fault.targets).toEqual(["alice"]);
    expect(fault.evidence.get("alice")).toMatch(/\d/);
    expect(states(rig.ledger)).toEqual(["applied", "effective"]);
    expect(rig.chaos.faults).toEqual([fault]);
    await rig.chaos.heal();
    expect(states(rig.ledger)).toEqual(["applied", "effective", "lifted"]);
    expect(rig.chaos.faults).toEqual([]);
    expect((await toxiproxy.stats()).toxics).toBe(0);
  });

  test(`${name}: that is never applied is found out`, async ({ deafRig }) => {
    await expect(apply(deafRig.chaos)).rejects.toMatchObject({
      code: "FAULT_NOT_EFFECTIVE",
      message: expect.stringMatching(/did not take effect \(.*\d+\.\d ms.*\)/s),
    });
    expect(states(deafRig.ledger)).toEqual(["applied", "not_effective", "lifted"]);
    expect(deafRig.chaos.faults).toEqual([]);
  });
}

test("faults on one line add up, and each is lifted alone", async ({ rig: { chaos }, toxiproxy }) => {
  const latency = await chaos.latency("alice", { latencyMs: 40, direction: "upstream" });
  const throttle = await chaos.throttle("alice", 100);
  const slice = await chaos.slice("alice");
  const toxics = async (): Promise<number> => (await toxiproxy.stats()).toxics;
  expect(await toxics()).toBe(5);
  await throttle.lift();
  expect(await toxics()).toBe(3);
  expect(chaos.faults).toEqual([latency, slice]);
  await using _more = await chaos.latency("alice", 30);
  expect(await toxics()).toBe(5);
});

test("a line that was cut twice is mended by the second lift", async ({ rig: { chaos, lines } }) => {
  const { host, port } = lines.get("alice");
  const refused = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host, port });
      socket.once("connect", () => resolve("connected"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
      socket.once("connect", () => socket.destroy());
    });
  const cut = await chaos.cut(["alice", "bob"]);
  const partition = await chaos.partition(["alice"], []).catch((error: unknown) => error);
  expect(partition).toMatchObject({ code: "CHAOS_TARGETS" });
  const again = await chaos.cut("alice");
  await cut.lift();
  expect(await refused()).toBe("ECONNREFUSED");
  await again.lift();
  expect(await refused()).toBe("connected");
});

test("what another fault hides is refused", async ({ rig: { chaos } }) => {
  await using cut = await chaos.cut("alice");
  await expect(chaos.latency("alice", 50)).rejects.toMatchObject({ code: "CHAOS_MASKED" });
  await cut.lift();
  await using _latency = await chaos.latency("alice", 50);
});

test("without a node there is nothing to show, and no healing", async ({ rig: { chaos, ledger }, node }) => {
  await node.stop();
  await expect(chaos.latency("bob", 50)).rejects.toMatchObject({ code: "CHAOS_LINK_DOWN" });
  expect(states(ledger)).toEqual([]);
  await expect(chaos.heal({ timeout: 300 })).rejects.toMatchObject({ code: "HEAL_FAILED" });
  await node.start();
  await chaos.heal();
});

test("partition: the last side keeps the node", async ({ rig: { chaos } }) => {
  await using fault = await chaos.partition(["bob"], ["alice"]);
  expect(fault.targets).toEqual(["bob"]);
  await using _shown = await chaos.latency("alice", 20);
  await expect(chaos.partition(["bob"], ["alice", "bob"])).rejects.toMatchObject({ code: "CHAOS_TARGETS" });
});

test("numbers out of range, unknown workers and TLS are refused", async ({ rig: { chaos, lines } }) => {
  await expect(chaos.latency("alice", 1)).rejects.toMatchObject({ code: "CHAOS_OPTION" });
  await expect(chaos.throttle("alice", 0)).rejects.toMatchObject({ code: "CHAOS_OPTION" });
  await expect(chaos.slice("alice", { delayUs: 10 })).rejects.toMatchObject({ code: "CHAOS_OPTION" });
  await expect(chaos.cut("eve")).rejects.toMatchObject({ code: "CHAOS_TARGETS" });
  await expect(chaos.cut([])).rejects.toMatchObject({ code: "CHAOS_TARGETS" });
  expect(() => chaos.direct("alice")).toThrow(expect.objectContaining({ code: "CHAOS_ORDER" }));
  await expect(lines.make("eve", { url: "https://example.org" })).rejects.toMatchObject({
    code: "CHAOS_TLS",
  });
});
