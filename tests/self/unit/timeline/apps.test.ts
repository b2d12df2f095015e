/** Apps and pages in the picture: a lifeline each, with what they published and got at their ports. */
import { describe, expect, it } from "vitest";
import { noForeign } from "../../../../src/oracles/index.js";
import { renderSequence, timelineJson } from "../../../../src/timeline/index.js";
import { LedgerBuilder } from "../oracles/ledger-builder.js";

function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] ?? "");
}

function count(svg: string, pattern: RegExp): number {
  return [...svg.matchAll(pattern)].length;
}

/** alice asks a bot, which is given the question. */
function asked(): LedgerBuilder {
  const ledger = new LedgerBuilder().listening("alice");
  // Before it has registered nobody knows its inbox.
  ledger.lifecycle("bot", "launched", "node bot.js", { inboxId: "", installationId: "" });
  ledger.line("bot", "registered");
  ledger.lifecycle("bot", "ready");
  ledger.line("bot", "delivered", {
    about: "welcome",
    conversationId: "",
    sequenceId: "1",
    recipientInstallationId: "bot-1",
  });
  ledger.at(100).send("alice", "hi");
  ledger.at(101).line("bot", "delivered", { sequenceId: "2" });
  return ledger;
}

function answered(): LedgerBuilder {
  const ledger = asked();
  const { createdNs } = ledger.line("bot", "published", { sequenceId: "3" });
  ledger.receive("alice", "gm", "bot", { sentAtNs: createdNs });
  return ledger;
}

describe("an app in the picture", () => {
  it("has a lifeline with what it got, what it published and who received that", () => {
    const svg = renderSequence(answered().events);
    expect(count(svg, /class="life"/g)).toBe(2);
    expect(count(svg, /class="arrow c0"/g)).toBe(1);
    expect(count(svg, /class="arrow c1"/g)).toBe(1);
    const told = texts(svg);
    expect(told).toEqual(expect.arrayContaining(["bot", "hi", "gm", "launched", "registered", "welcome"]));
    expect(told.filter((text) => text === "gm")).toHaveLength(1);
    expect(told.join("\n")).not.toContain(" from bot");
  });

  it("shows once what a query brings again, and not its own words or its SDK's own groups", () => {
    const ledger = answered();
    const before = renderSequence(ledger.events);
    ledger.line("bot", "delivered", { via: "query", sequenceId: "2" });
    ledger.line("bot", "delivered", { sequenceId: "3" });
    ledger.line("bot", "published", { conversationId: "sync-group" });
    ledger.line("bot", "delivered", { conversationId: "sync-group" });
    ledger.line("bot", "published", { commit: true });
    ledger.line("bot", "subscribed", { about: "topics" });
    expect(renderSequence(ledger.events)).toBe(before);
  });

  it("shows an answer that nobody received", () => {
    const ledger = asked();
    ledger.line("bot", "published");
    expect(texts(renderSequence(ledger.events))).toContain("(no worker received it)");
  });

  it("does not guess which of two sends it was given", () => {
    const ledger = new LedgerBuilder().listening("alice", "bob");
    ledger.at(100).send("alice", "one", { endedAt: 110 });
    ledger.at(100).send("bob", "two", { endedAt: 110 });
    ledger.at(105).line("bot", "delivered");
    const svg = renderSequence(ledger.events);
    expect(texts(svg)).toContain("a message");
    expect(count(svg, /class="arrow/g)).toBe(0);
  });

  it("leaves a stranger a stranger, and says so below", () => {
    const ledger = answered();
    ledger.receive("alice", "boo", "mallory");
    const told = texts(renderSequence(ledger.events, { verdicts: [noForeign(ledger.events)] }));
    expect(told.filter((text) => text.includes("unsent"))).toEqual([
      "✕ unsent: alice received &quot;boo&quot; (id-boo) from inbox-mallory, which nobody sent",
    ]);
  });

  it("tells its end by itself", () => {
    const ledger = asked();
    ledger.lifecycle("bot", "exited", "exit code 7");
    expect(texts(renderSequence(ledger.events))).toContain("exited: exit code 7");
  });

  it("is in the JSON, by name and with each event of its line", () => {
    const { workers, events } = JSON.parse(timelineJson(answered().events, {})) as {
      workers: unknown[];
      events: { kind: string; what?: string }[];
    };
    expect(workers).toContainEqual({ name: "bot", inboxId: "inbox-bot", installationIds: ["bot-1"] });
    const lines = events.filter((one) => one.kind === "line");
    expect(lines.map((one) => one.what)).toEqual(["registered", "delivered", "delivered", "published"]);
  });
});
