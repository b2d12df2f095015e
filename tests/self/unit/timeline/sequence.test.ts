import { describe, expect, it } from "vitest";
import { exactlyOnce, noLoss } from "../../../../src/oracles/index.js";
import { renderSequence } from "../../../../src/timeline/index.js";
import type { SequenceOptions } from "../../../../src/timeline/index.js";
import { LedgerBuilder } from "../oracles/ledger-builder.js";

/** alice greets bob and carol; `miss` gets nothing. */
function chat(texts: readonly string[], miss?: string): LedgerBuilder {
  const ledger = new LedgerBuilder().listening("alice", "bob", "carol");
  for (const text of texts) {
    ledger.send("alice", text);
    for (const name of ["bob", "carol"]) if (name !== miss) ledger.receive(name, text, "alice");
  }
  return ledger;
}

function count(svg: string, pattern: RegExp): number {
  return [...svg.matchAll(pattern)].length;
}

function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1] ?? "");
}

function render(ledger: LedgerBuilder, options?: SequenceOptions): string {
  return renderSequence(ledger.events, options);
}

describe("renderSequence", () => {
  it("is one self-contained image for light and dark, without scripts, links or fonts", () => {
    const svg = render(chat(["hi"]), { title: "Greeting", subtitle: "seed 42" });
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="\d+" height="\d+" viewBox="0 0 \d+ \d+"/,
    );
    expect(svg).not.toMatch(/<script|<image|<foreignObject|href|@import|@font-face|url\(|on\w+=/);
    expect(svg).toContain("@media (prefers-color-scheme:dark)");
    expect(svg).toContain('<rect class="paper"');
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["Greeting", "seed 42", "alice", "bob", "carol", "hi"]),
    );
  });

  it("has a lifeline per worker, a dot per send and an arrow per receipt by another", () => {
    const ledger = chat(["hi", "ho"]);
    ledger.receive("alice", "ho", "alice");
    const svg = render(ledger);
    expect(count(svg, /class="life"/g)).toBe(3);
    expect(count(svg, /class="arrow c0"/g)).toBe(4);
    expect(count(svg, /class="dot c0" cx="[\d.]+" cy="[\d.]+" r="5"/g)).toBe(2);
  });

  it("is the same text for the same events", () => {
    expect(render(chat(["hi", "ho"]))).toBe(render(chat(["hi", "ho"])));
  });

  it("draws a lost message as a broken arrow with a cross, and says so below", () => {
    const ledger = chat(["hi"], "carol");
    const verdict = noLoss(ledger.events, { asOf: 1e6 });
    const svg = render(ledger, { verdicts: [verdict, verdict] });
    expect(count(svg, /class="missing dash"/g)).toBe(1);
    expect(count(svg, /class="cross"/g)).toBe(1);
    expect(texts(svg)).toEqual(
      expect.arrayContaining([
        "never received",
        "✕ lost: carol never received &quot;hi&quot; (id-hi) from alice",
      ]),
    );
    expect(render(chat(["hi"]), { verdicts: [noLoss(chat(["hi"]).events)] })).not.toContain("missing dash");
  });

  it("marks a second copy, a fill from the database, and a message nobody sent", () => {
    const ledger = chat(["hi"]);
    ledger.receive("bob", "hi", "alice");
    ledger.send("alice", "gap");
    ledger.receive("bob", "gap", "alice", { source: "gap" });
    ledger.receive("bob", "boo", "mallory");
    const svg = render(ledger, { verdicts: [exactlyOnce(ledger.events)] });
    expect(svg).toContain('class="arrow duplicate"');
    expect(svg).toContain('class="arrow c0 dash"');
    expect(texts(svg)).toContain("&quot;boo&quot; from inbox-");
    expect(svg).toContain('class="dot foreign"');
  });

  it("shows how sends ended, automatic answers, group updates and workers' lives", () => {
    const ledger = chat([]);
    ledger.send("alice", "a", { outcome: "failed" });
    ledger.send("alice", "b", { outcome: "unknown" });
    ledger.send("alice", "c", { outcome: "pending" });
    ledger.send("alice", "gm", { automatic: true });
    ledger.send("alice", "👍", { contentType: "reaction" });
    ledger.update("bob", "alice", {
      addedInboxIds: ["inbox-carol"],
      removedInboxIds: ["inbox-alice"],
      fields: [{ field: "group_name", oldValue: "", newValue: "Picnic" }],
    });
    ledger.update("bob", "alice", {});
    ledger.lifecycle("bob", "offline");
    ledger.lifecycle("bob", "installation_added");
    ledger.lifecycle("bob", "note", "half time");
    ledger.lifecycle("bob", "error", "boom");
    ledger.consent("bob", "inbox-alice", "denied");
    expect(texts(render(ledger))).toEqual(
      expect.arrayContaining([
        ...["a (failed)", "b (outcome unknown)", "c (pending)", "gm (automatic)", "reaction: 👍"],
        ...["group updated", "offline", "installation added", "half time", "error: boom", "consent denied"],
        "+ carol; − alice; name = &quot;Picnic&quot;",
      ]),
    );
  });

  it("colors lifelines by stream state, over both message streams", () => {
    const ledger = new LedgerBuilder().listening("alice");
    for (const state of ["lost", "retry", "restart", "gap_filled", "ending", "ended"] as const)
      ledger.stream("alice", state, { count: 2 });
    ledger.stream("alice", "live");
    ledger.stream("alice", "failed");
    const svg = render(ledger);
    const bars = [...svg.matchAll(/<line class="(live|lost|failed)"/g)].map((match) => match[1]);
    expect(bars).toEqual(["live", "lost", "live", "live", "failed"]);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["lost", "retry 2", "+2 from database", "ended", "failed"]),
    );
  });

  it("draws faults as bands over their targets, to the end where not lifted", () => {
    const ledger = chat(["hi"]);
    ledger.fault("applied", "partition", ["alice", "bob"], "from the node");
    ledger.send("alice", "ho");
    ledger.fault("lifted", "partition", ["alice", "bob"]);
    ledger.fault("applied", "latency", ["alice", "carol"], "300 ms");
    ledger.fault("applied", "cut", ["bob"]);
    ledger.fault("not_effective", "cut", ["bob"]);
    const svg = render(ledger);
    expect(count(svg, /<rect class="band"/g)).toBe(4);
    expect(texts(svg)).toEqual(
      expect.arrayContaining(["partition: from the node", "latency: 300 ms", "cut (not effective)"]),
    );
  });

  it("keeps level what came before anything else, and slants what came later", () => {
    const ledger = chat([]);
    ledger.send("alice", "hi");
    ledger.receive("bob", "hi", "alice");
    ledger.send("bob", "ho");
    ledger.receive("carol", "hi", "alice");
    const ends = [...render(ledger).matchAll(/class="arrow c0" d="M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)"/g)];
    expect(ends.map(([, from, to]) => from === to)).toEqual([true, false]);
  });

  it("leaves out the oldest over the limit, but never what shows a violation", () => {
    const ledger = chat(["first", ...Array.from({ length: 100 }, (_, index) => `m${index}`)]);
    ledger.events.splice(
      ledger.events.findIndex((one) => one.kind === "receive" && one.worker === "carol"),
      1,
    );
    const svg = render(ledger, { verdicts: [noLoss(ledger.events)], maxEvents: 50 });
    expect(texts(svg)).toEqual(expect.arrayContaining(["first", "m99"]));
    expect(texts(svg)).not.toContain("m50");
    expect(texts(svg).some((text) => /^… \d+ more$/.test(text))).toBe(true);
    expect(texts(svg).some((text) => text.includes("more events are in timeline.json"))).toBe(true);
    expect(count(render(ledger), /class="arrow/g)).toBeLessThanOrEqual(200);
  });

  it("holds any text", () => {
    const evil = `<script>"&'</text>\u0000\u001b[31m ${"💥".repeat(300)}`;
    const ledger = chat([evil, "cut \ud83d"]);
    const svg = render(ledger, { title: evil });
    expect(svg).not.toContain("<script");
    expect(svg).toContain("&lt;script&gt;&quot;&amp;");
    // eslint-disable-next-line no-control-regex -- these are what XML cannot hold
    expect(svg).not.toMatch(/[\u0000-\u0008\u001b]/);
    expect(svg).not.toMatch(/\p{Cs}/u);
  });

  it("draws twenty workers, and nobody", () => {
    const ledger = new LedgerBuilder();
    const names = Array.from({ length: 20 }, (_, index) => `worker-${index}`);
    ledger.send("worker-0", "hi");
    for (const name of names.slice(1)) ledger.receive(name, "hi", "worker-0");
    const svg = render(ledger);
    expect(count(svg, /class="life"/g)).toBe(20);
    expect(count(svg, /class="arrow c0"/g)).toBe(19);
    expect(renderSequence([])).toContain("</svg>");
  });
});
