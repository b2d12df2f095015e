import { describe, expect, it } from "vitest";
import { timelineJson, timelineVersion } from "../../../../src/timeline/index.js";
import { epoch, LedgerBuilder } from "../oracles/ledger-builder.js";

interface Timeline {
  readonly version: number;
  readonly meta: unknown;
  readonly workers: unknown;
  readonly omitted: number;
  readonly events: readonly Record<string, unknown>[];
}

function read(text: string): Timeline {
  return JSON.parse(text) as Timeline;
}

describe("timelineJson", () => {
  it("writes version, meta, workers and events with times from the start", () => {
    const ledger = new LedgerBuilder().at(1_000);
    ledger.stream("alice", "live");
    const send = ledger.at(1_010.1234567).send("alice", "hi", { endedAt: 1_020.5 });
    ledger.at(1_030).receive("bob", "hi", "alice");
    ledger.fault("applied", "cut", ["bob"], "now");
    const timeline = read(timelineJson(ledger.events, { seed: 42, title: "t" }));
    expect(timeline).toMatchObject({ version: timelineVersion, meta: { seed: 42, title: "t" }, omitted: 0 });
    expect(timeline.workers).toEqual([
      { name: "alice", inboxId: "inbox-alice", installationIds: ["alice-1"] },
      { name: "bob", inboxId: "inbox-bob", installationIds: ["bob-1"] },
    ]);
    expect(timeline.events[1]).toEqual({
      kind: "send",
      seq: 2,
      at: 10.123,
      wall: epoch + 1_010.1234567,
      worker: "alice",
      inboxId: "inbox-alice",
      installationId: "alice-1",
      conversationId: "conversation-1",
      contentType: "text",
      payload: send.payload,
      automatic: false,
      outcome: "ok",
      messageId: "id-hi",
      endedAt: 20.5,
    });
    expect(timeline.events.map((one) => one["kind"])).toEqual(["stream", "send", "receive", "fault"]);
  });

  it("leaves out decoded content and whatever is not a field of the vocabulary", () => {
    const ledger = new LedgerBuilder();
    ledger.receive("bob", "hi", "alice", { content: { big: 10n, secret: "s3cret" } });
    Object.assign(ledger.events[0] ?? {}, { encryptionKey: "s3cret" });
    const text = timelineJson(ledger.events, {});
    expect(text).not.toContain("s3cret");
    expect(text).toBe(timelineJson(ledger.events, {}));
  });

  it("writes bigints as text, and blanks keys and passwords but no inbox ids", () => {
    const key = `0x${"ab".repeat(32)}`;
    const inboxId = "cd".repeat(32);
    const ledger = new LedgerBuilder();
    ledger.stream("alice", "failed", { error: `bad key ${key} at https://me:pw@host/x`, inboxId });
    Object.assign(ledger.events[0] ?? {}, { count: 5n });
    const text = timelineJson(ledger.events, {});
    expect(text).not.toContain(key);
    expect(text).not.toContain("me:pw");
    expect(text).toContain("bad key 0x[blanked] at https://[blanked]@host/x");
    expect(text).toContain(inboxId);
    expect(text).toContain('"count": "5"');
  });

  it("keeps the latest events and counts the rest", () => {
    const ledger = new LedgerBuilder();
    for (let index = 0; index < 10; index += 1) ledger.send("alice", `m${index}`);
    const timeline = read(timelineJson(ledger.events, {}, { maxEvents: 3 }));
    expect(timeline.omitted).toBe(7);
    expect(timeline.events.map((one) => one["messageId"])).toEqual(["id-m7", "id-m8", "id-m9"]);
  });
});
