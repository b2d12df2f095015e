import { expect, it } from "vitest";
import { clockSkew } from "../../../../src/oracles/index.js";
import { LedgerBuilder, nanoseconds } from "./ledger-builder.js";

const judged = (stamp: number, withinMs?: number, outcome = "ok"): string => {
  const ledger = new LedgerBuilder();
  ledger.at(10_000).send("alice", "hi", { endedAt: 10_100, outcome: outcome as "ok" });
  ledger.at(10_500).receive("bob", "hi", "alice", { sentAtNs: nanoseconds(stamp) });
  return clockSkew(ledger.events, withinMs === undefined ? {} : { withinMs }).status;
};

it("a message is stamped between its call and its acknowledgement, within a second", () => {
  expect([9_000, 10_000, 10_100, 11_100].map((stamp) => judged(stamp))).toEqual(Array(4).fill("pass"));
  expect([8_998, 11_102].map((stamp) => judged(stamp))).toEqual(["fail", "fail"]);
  expect([judged(9_900, 50), judged(10_160, 50), judged(9_960, 50)]).toEqual(["fail", "fail", "pass"]);
});

it("without an acknowledgement, or of nobody in the ledger, it is not stamped later than received", () => {
  expect([judged(11_400, undefined, "unknown"), judged(11_600, undefined, "unknown")]).toEqual([
    "pass",
    "fail",
  ]);
  const ledger = new LedgerBuilder();
  expect(clockSkew(ledger.events).status).toBe("inconclusive");
  ledger.at(50).receive("bob", "hi", "mallory", { sentAtNs: nanoseconds(-60_000) });
  expect(clockSkew(ledger.events).status).toBe("pass");
  ledger.receive("bob", "ho", "mallory", { sentAtNs: nanoseconds(60_000) });
  expect(clockSkew(ledger.events)).toMatchObject({
    offenders: [
      { kind: "skew", worker: "bob", detail: expect.stringContaining("later than it can") as string },
    ],
  });
});

it("says by how much, and in which direction", () => {
  const verdict = (stamp: number): unknown => {
    const ledger = new LedgerBuilder();
    ledger.at(10_000).send("alice", "hi", { endedAt: 10_100 });
    ledger.at(10_500).receive("bob", "hi", "alice", { sentAtNs: nanoseconds(stamp) });
    return clockSkew(ledger.events);
  };
  const offender = (detail: string): unknown => ({
    status: "fail",
    oracle: "clockSkew",
    offenders: [
      { kind: "skew", worker: "bob", installationId: "bob-1", detail, messageId: "id-hi", seqs: [2] },
    ],
  });
  expect(verdict(8_500)).toMatchObject(
    offender('"hi" (id-hi) at bob is stamped 1500 ms earlier than it can have been sent') as object,
  );
  expect(verdict(12_100)).toMatchObject(
    offender('"hi" (id-hi) at bob is stamped 2000 ms later than it can have been sent') as object,
  );
  expect(clockSkew(new LedgerBuilder().events)).toMatchObject({
    status: "inconclusive",
    oracle: "clockSkew",
    reason: expect.stringContaining("nothing was received") as string,
  });
});
