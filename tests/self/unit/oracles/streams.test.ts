import { describe, expect, it } from "vitest";
import { stopGuarantee, streamGuarantee } from "../../../../src/oracles/index.js";
import { LedgerBuilder } from "./ledger-builder.js";

const groupUpdated = { streamType: "group_updated" as never };

function ended(): LedgerBuilder {
  const ledger = new LedgerBuilder();
  for (const state of ["starting", "live", "ending", "ended"] as const) ledger.stream("bob", state);
  return ledger;
}

describe("stopGuarantee", () => {
  it("passes when nothing comes after the end", () => {
    const ledger = ended();
    ledger.receive("bob", "read", "alice", { source: "gap" });
    ledger.receive("carol", "hers", "alice");
    ledger.receive("bob", "of the next stream", "alice", { streamId: 2 });
    expect(stopGuarantee(ledger.events)).toEqual({ status: "pass", oracle: "stopGuarantee", checked: 1 });
  });

  it("has nothing to say before any end", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.stream("bob", "ending");
    expect(stopGuarantee(ledger.events)).toEqual({
      status: "inconclusive",
      oracle: "stopGuarantee",
      reason: "no stream was ended",
    });
  });

  it("names a late message", () => {
    const ledger = ended();
    const late = ledger.at(10.04).receive("bob", "late", "alice");
    const detail = `bob's stream 1 delivered "late" (id-late) 7 ms after it had ended`;
    expect(stopGuarantee(ledger.events)).toEqual({
      status: "fail",
      oracle: "stopGuarantee",
      summary: `stopGuarantee: 1 violation, the first: ${detail}`,
      offenders: [
        { kind: "event-after-end", worker: "bob", installationId: "bob-1", detail, seqs: [4, late.seq] },
      ],
    });
    expect(stopGuarantee(ledger.at(15).events).status).toBe("fail");
  });

  it("names late conversations, consent and states", () => {
    const ledger = ended();
    ledger.stream("bob", "ended", { streamId: 2 });
    ledger.stream("bob", "ended", { streamId: 3 });
    ledger.joined("bob");
    ledger.consent("bob", "inbox-alice", "denied");
    ledger.stream("bob", "restart");
    ledger.stream("bob", "ending");
    expect(stopGuarantee(ledger.events)).toMatchObject({
      offenders: [
        { detail: `bob's stream 1 reported "restart" 5 ms after it had ended` },
        { detail: "bob's stream 2 delivered conversation conversation-1 2 ms after it had ended" },
        { detail: "bob's stream 3 delivered consent denied for inbox-alice 2 ms after it had ended" },
      ],
    });
  });

  it("holds a failed stream to it too, once", () => {
    const ledger = new LedgerBuilder();
    ledger.stream("bob", "live");
    ledger.stream("bob", "failed");
    ledger.stream("bob", "ended");
    expect(stopGuarantee(ledger.events)).toMatchObject({ status: "pass", checked: 1 });
    ledger.receive("bob", "late", "alice");
    expect(stopGuarantee(ledger.events)).toMatchObject({
      offenders: [
        { detail: `bob's stream 1 delivered "late" (id-late) 2 ms after it had failed`, seqs: [2, 4] },
      ],
    });
  });

  it("counts a shared subscription as over when the last type is", () => {
    const ledger = new LedgerBuilder();
    ledger.stream("bob", "starting");
    ledger.stream("bob", "live", groupUpdated);
    ledger.stream("bob", "ended");
    ledger.receive("bob", "hi", "alice");
    expect(stopGuarantee(ledger.events).status).toBe("inconclusive");
    ledger.stream("bob", "ended", groupUpdated);
    expect(stopGuarantee(ledger.events).status).toBe("pass");
    ledger.receive("bob", "ho", "alice");
    expect(stopGuarantee(ledger.events).status).toBe("fail");
  });

  it("lets a stream that is started again deliver again", () => {
    const ledger = ended();
    ledger.stream("bob", "starting");
    ledger.receive("bob", "hi", "alice");
    ledger.stream("bob", "live");
    ledger.stream("bob", "ended");
    expect(stopGuarantee(ledger.events)).toMatchObject({ status: "pass", checked: 2 });
  });
});

describe("streamGuarantee", () => {
  it("passes over streams that are live first, come back after a loss, and end", () => {
    const ledger = ended();
    for (const state of ["starting", "live", "lost", "retry", "retry", "restart"] as const)
      ledger.stream("carol", state);
    ledger.receive("carol", "hi", "alice");
    ledger.receive("carol", "ho", "alice");
    expect(streamGuarantee(ledger.events)).toEqual({ status: "pass", oracle: "streamGuarantee", checked: 2 });
  });

  it("has nothing to say without streams", () => {
    const ledger = new LedgerBuilder();
    ledger.receive("bob", "hi", "alice");
    expect(streamGuarantee(ledger.events)).toEqual({
      status: "inconclusive",
      oracle: "streamGuarantee",
      reason: "no stream was started",
    });
  });

  it("names an event before the stream was live", () => {
    const ledger = new LedgerBuilder();
    ledger.stream("bob", "starting");
    const early = ledger.receive("bob", "hi", "alice");
    const detail = `bob's stream 1 delivered "hi" (id-hi) before it was live`;
    const found = {
      offenders: [
        { kind: "event-before-live", worker: "bob", installationId: "bob-1", detail, seqs: [early.seq] },
      ],
    };
    expect(streamGuarantee(ledger.events)).toMatchObject(found);
    ledger.stream("bob", "live");
    expect(streamGuarantee(ledger.events)).toMatchObject(found);
  });

  it("names events that are not numbered upwards", () => {
    const ledger = new LedgerBuilder().listening("bob");
    ledger.receive("bob", "a", "alice", { streamSeq: 5 });
    ledger.receive("bob", "b", "alice", { streamSeq: 5 });
    ledger.receive("bob", "c", "alice", { streamSeq: 6 });
    ledger.receive("bob", "d", "alice", { source: "gap", streamSeq: 0 });
    expect(streamGuarantee(ledger.events)).toMatchObject({
      offenders: [
        {
          kind: "numbering",
          worker: "bob",
          installationId: "bob-1",
          detail: "bob's stream 1 numbered an event 5 after 5",
          seqs: [4, 5],
        },
      ],
    });
    expect(streamGuarantee(ledger.events)).toHaveProperty("offenders.length", 1);
  });

  it("names a restart without a loss, of the same type", () => {
    const ledger = new LedgerBuilder().listening("bob");
    const restart = ledger.stream("bob", "restart");
    expect(streamGuarantee(ledger.events)).toMatchObject({
      offenders: [
        {
          kind: "unexplained-restart",
          worker: "bob",
          installationId: "bob-1",
          detail: "bob's message stream restarted without having been lost",
          seqs: [restart.seq],
        },
      ],
    });
    const twice = new LedgerBuilder().listening("bob");
    for (const state of ["lost", "gap_filled", "restart", "live", "restart"] as const)
      twice.stream("bob", state);
    expect(streamGuarantee(twice.events)).toHaveProperty("offenders.length", 1);
    const other = new LedgerBuilder().listening("bob");
    other.stream("bob", "lost", groupUpdated);
    other.stream("bob", "restart");
    expect(streamGuarantee(other.events).status).toBe("fail");
  });

  it.each(["starting", "lost", "retry", "ending"] as const)("cannot say while a stream is %s", (state) => {
    const ledger = new LedgerBuilder().listening("bob", "carol");
    ledger.stream("bob", state);
    ledger.stream("carol", "live", groupUpdated);
    ledger.stream("carol", state, groupUpdated);
    expect(streamGuarantee(ledger.events)).toEqual({
      status: "inconclusive",
      oracle: "streamGuarantee",
      reason: `bob's message stream was still in state "${state}"; carol's group_updated stream was still in state "${state}"`,
    });
  });
});
