import { expect, typeofStream } from "playwright-xmtp";
import type { PartyLine, Worker } from "playwright-xmtp";
import { getWorkers } from "playwright-xmtp";
import { needsEmbedded, test } from "../support/place.js";

test.describe("parties that outlive a test", () => {
  let erin: Worker;
  let door: PartyLine;

  test.beforeAll(async ({ xmtp }) => {
    const workers = await xmtp.getWorkers(["erin"]);
    erin = workers.get("erin");
    await erin.startStream(typeofStream.Message);
    door = await xmtp.line("door");
  });

  for (const round of [1, 2, 3]) {
    test(`test ${round}: a worker of the process hears, under faults of this test`, async ({
      alice,
      chaos,
      ledger,
    }) => {
      const dm = await alice.createDm(erin);
      const slow = await chaos.latency(erin, 100);
      expect(slow.evidence.get("erin")).toContain("ms");
      await dm.sendText(`round ${round}`);
      await expect(erin).toHaveReceived(`round ${round}`, { timeout: 15_000 });
      // What it did in earlier tests is not in this one's ledger; that its stream is live, is.
      const texts = ledger.receives().filter(({ worker }) => worker === "erin");
      expect(texts.map(({ payload }) => payload.text)).toEqual([`round ${round}`]);
      await expect(expect(erin).toHaveReceived(`round ${round - 1}`, { timeout: 50 })).rejects.toThrow();
      const states = ledger.streams().filter(({ worker }) => worker === "erin");
      expect(states.map(({ state }) => state)).toContain("live");
    });
  }

  test("a bare line takes every kind of fault", async ({ chaos }) => {
    await (await chaos.latency(door, 60)).lift();
    await (await chaos.cut(door)).lift();
    const hole = await chaos.blackhole("door");
    expect(hole.evidence.get("door")).toContain("silent");
    await hole.lift();
  });

  test("a bare line knows its user, and takes faults of the node", async ({ chaos, ledger, place }) => {
    needsEmbedded(place, "only that node sees who uses a line");
    await using guest = await getWorkers({ guest: door.url }, "over the line");
    const { inboxId, installationId, address } = guest.get("guest");
    await expect
      .poll(() => [door.inboxId, door.installationId, door.address])
      .toEqual([inboxId, installationId, address]);
    await guest.get("guest").startStream(typeofStream.Message);
    const lines = ledger.events.filter((event) => event.kind === "line" && event.worker === "door");
    expect(lines.map((event) => (event.kind === "line" ? event.what : ""))).toContain("subscribed");
    const dropped = await chaos.node.dropStreams(door);
    expect(dropped.hits("door")).toBeGreaterThan(0);
  });
});

test("a name is one party's", async ({ xmtp, getWorkers: make }) => {
  await xmtp.line("gate");
  await expect(make(["gate"])).rejects.toMatchObject({ code: "PARTY_CONFLICT" });
  await expect(xmtp.getWorkers(["gate"])).rejects.toMatchObject({ code: "PARTY_CONFLICT" });
  await expect(xmtp.line("no/name")).rejects.toMatchObject({ code: "INVALID_NAME" });
});
