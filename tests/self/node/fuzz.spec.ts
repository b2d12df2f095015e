import { expect, test } from "@playwright/test";
import { fuzz } from "./fuzz/run.js";
import type { FuzzReport } from "./fuzz/run.js";
import { expectUnharmed } from "./fuzz/verdict.js";

test("20,000 random and mutated frames and bodies: no crash, no growth, others do not notice", async () => {
  test.setTimeout(180_000);
  const seed = test.info().titlePath.join(" ");
  expectUnharmed(await fuzz({ count: 20_000, seed }), seed);
});

const texts = Array.from({ length: 20 }, (_, at) => `text ${at}`);
const good: FuzzReport = {
  calls: 1,
  frames: 1,
  inProcess: 1,
  unexpected: [],
  memory: [10 << 20, 11 << 20],
  openSubscriptions: 0,
  openConnections: 0,
  sent: texts,
  received: texts,
  seconds: 1,
};
const harms: [string, Partial<FuzzReport>, RegExp][] = [
  ["a handler that throws", { unexpected: ["/Get: TypeError"] }, /thrown, but no status/],
  ["memory that grows", { memory: [10 << 20, 30 << 20] }, /holds more of/],
  ["a text lost", { received: texts.slice(1) }, /in order, each once/],
  ["a text twice", { received: [...texts, "text 19"] }, /in order, each once/],
  ["texts out of order", { received: [...texts].reverse() }, /in order, each once/],
  ["bystanders that said nothing", { sent: [], received: [] }, /toBeGreaterThan/],
  ["a subscription left", { openSubscriptions: 1 }, /toBe/],
  ["a connection left", { openConnections: 1 }, /connections that nobody holds/],
];
for (const [harm, change, text] of harms) {
  test(`the verdict sees ${harm}`, () => {
    expect(() => expectUnharmed({ ...good, ...change }, 1)).toThrow(text);
    expectUnharmed(good, 1);
  });
}
