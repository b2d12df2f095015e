import { expect, test } from "@playwright/test";
import { runInlineTest, specsOf } from "../inline-project.js";

const suite = `
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "playwright-xmtp/compat";
const log: string[] = [];
const say = (what: string) => console.log("said " + what);

describe("outer", async () => {
  await Promise.resolve();
  beforeAll(() => { say("beforeAll"); return () => say("teardown"); });
  afterAll(() => say("afterAll"));
  beforeEach(() => say("beforeEach"));
  afterEach(() => say("afterEach"));
  it("first", () => { expect.assertions(1); expect(1).toBe(1); });
  it("second", async () => { await Promise.resolve(); throw new Error("it broke"); });
  it("third", () => expect("x").toBeOneOf(["y"]));
  describe("inner", () => {
    beforeEach(() => say("innerEach"));
    it.each([[1, 2], [3, 4]])("%s and %s", (a: number, b: number) => expect(b - a).toBe(1));
    it.skip("skipped", () => { throw new Error("never"); });
    it.fails("is known to fail", () => { throw new Error("as always"); });
    it("not yet");
  });
  it("leaves", ({ skip }) => skip());
});

describe.skip("whole", () => it("never", () => { throw new Error("never"); }));
it.fails("is known to fail, alone", () => { throw new Error("as always"); });
it.fails("is said to fail, alone", () => undefined);
test("alone", () => expect(expect.getState().currentTestName).toContain("alone"));
`;

test("a describe is one test with its cases as steps, hooks in vitest's order, and each failure told", async () => {
  const run = await runInlineTest({ "a.test.ts": suite });

  expect(run.output.match(/said \w+/g)?.slice(0, 4)).toEqual([
    "said beforeAll",
    "said beforeEach",
    "said afterEach",
    "said beforeEach",
  ]);
  expect(run.output.match(/said (teardown|afterAll)/g)).toEqual(["said teardown", "said afterAll"]);
  expect(run.output.match(/said innerEach/g)).toHaveLength(3);
  expect(run.errors.join("\n")).toContain("2 of 6 cases failed");
  expect(run.errors.join("\n")).toMatch(/outer > second\s+it broke/);
  expect(run.errors.join("\n")).toContain("to be one of [ 'y' ]");
  expect(run.errors.join("\n")).toContain("is said to fail, alone");
  expect({ passed: run.passed, failed: run.failed, skipped: run.skipped }).toEqual({
    passed: 2,
    failed: 2,
    skipped: 1,
  });
});

test("a describe stands in the report at its own line, and runs by it", async () => {
  const line = suite.split("\n").findIndex((text) => text.startsWith('test("alone"')) + 1;
  const run = await runInlineTest(
    { "a.test.ts": suite },
    { args: ["test", "--workers=1", `a.test.ts:${line}`] },
  );

  expect(
    specsOf(run.report ?? ({ suites: [] } as never)).map((spec) => [spec.file, spec.line, spec.title]),
  ).toEqual([["a.test.ts", line, "alone"]]);
  expect(run.exitCode).toBe(0);
});

test("only what says only runs; a promise of assertions is kept; hooks outside of a describe are refused", async () => {
  const only = `
import { beforeAll, describe, expect, it } from "playwright-xmtp/compat";
describe("some", () => {
  it.only("this", () => expect.hasAssertions());
  it("not this", () => { throw new Error("ran"); });
});`;
  const run = await runInlineTest({ "a.test.ts": only });
  expect(run.errors.join("\n")).toContain("at least one assertions");
  expect(run.errors.join("\n")).not.toContain("ran");

  const outside = `
import { beforeAll, getWorkers, it } from "playwright-xmtp/compat";
beforeAll(() => undefined);`;
  const refused = await runInlineTest({ "b.test.ts": outside }, { folder: "outside" });
  expect(refused.output).toContain("beforeAll is not in the body of a describe");
});

test("every form of expect counts for the promise of assertions", async () => {
  const counting = `
import { describe, expect, it } from "playwright-xmtp/compat";
describe("promises", () => {
  it("is kept", async () => {
    expect.assertions(3);
    expect(1).toBe(1);
    expect.soft(1).toBe(1);
    await expect.poll(() => 1).toBe(1);
    expect.getState();
  });
  it("is broken", () => { expect.assertions(1); expect.soft(1).toBe(1); expect.soft(1).toBe(1); });
});`;
  const run = await runInlineTest({ "a.test.ts": counting });
  expect(run.errors.join("\n")).toContain("promises > is broken: Expected 1 assertions, got 2.");
  expect(run.errors.join("\n")).not.toContain("is kept");
});

test("work that nobody awaits does not stop a case, and fails the describe at its end", async () => {
  const left = `
import { describe, expect, it } from "playwright-xmtp/compat";
describe("left alone", () => {
  it("goes on", async () => {
    setTimeout(() => void Promise.reject(new Error("alone in a timer")), 1);
    await new Promise((done) => setTimeout(done, 50));
    console.log("said to its end");
  });
  it("comes after", () => { console.log("said after"); expect(1).toBe(1); });
});`;
  const run = await runInlineTest({ "a.test.ts": left });

  expect(run.output).toContain("said to its end");
  expect(run.output).toContain("said after");
  expect(run.failed).toBe(1);
  expect(run.errors.join("\n")).toContain(
    "COMPAT_UNAWAITED: 1 promises failed that nobody awaited: alone in a timer",
  );
});
