import { expect, test } from "@playwright/test";
import type { JSONReport } from "@playwright/test/reporter";
import type { RunReport } from "#src/report/run-report.js";
import { runInlineTest, specsOf } from "../inline-project.js";

/** The `test` of an inline project: the fixture under test over the one option that it needs. */
const base = `
import { test as plain } from "@playwright/test";
import { measureFixtures } from "#fixtures/measure.js";
export const test = plain
  .extend({ workerDefaults: [{}, { option: true }] })
  .extend({ xmtpEnv: ["embedded", { scope: "worker", option: true }] })
  .extend(measureFixtures);
`;

function samplesOf(report: JSONReport | undefined, title: string): unknown {
  const spec = report && specsOf(report).find((one) => one.title === title);
  const attachment = spec?.tests[0]?.results[0]?.attachments.find((one) => one.name === "xmtp-samples.json");
  return JSON.parse(Buffer.from(attachment?.body ?? "", "base64").toString());
}

test("samples travel as one attachment, with operation, size, unit, SDK version and backend", async () => {
  const run = await runInlineTest({
    "base.ts": base,
    "a.spec.ts": `
      import { test } from "./base.js";
      test("measures", async ({ measure }) => {
        measure.record("send", 12.34567, { size: 5 });
        measure.record("send", 20, { size: 5, warmup: true });
        measure.timedOut("send", 1000, { size: 5 });
        measure.record("storage", 4096, { unit: "bytes" });
      });
      test("measures nothing", async ({ measure }) => {});
    `,
  });
  expect(run.output).toContain("2 passed");
  expect(samplesOf(run.report, "measures")).toMatchObject({
    version: 1,
    series: [
      {
        operation: "send",
        size: 5,
        unit: "ms",
        sdkVersion: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown,
        backend: "embedded",
        values: [12.346],
        warmUps: [20],
        timedOut: 1,
      },
      { operation: "storage", size: 1, unit: "bytes", values: [4096], warmUps: [], timedOut: 0 },
    ],
  });
  expect(() => samplesOf(run.report, "measures nothing")).toThrow();
});

test("a crossed budget fails the run and names operation, size, budget, figure and baseline", async () => {
  const entry = (operation: string, figure: number): string =>
    JSON.stringify({
      operation,
      size: 50,
      unit: "ms",
      sdkVersion: "1.0.0",
      backend: "embedded",
      statistics: { n: 1, min: figure, p50: figure, p95: figure, p99: figure, max: figure, mean: figure },
      values: [figure],
    });
  const run = await runInlineTest({
    "base.ts": base,
    "stored.json": `{ "version": 1, "entries": [${entry("newGroup", 850)}] }`,
    "playwright.config.ts": `export default { testDir: ".", use: {
      baseline: "stored.json",
      budgets: { newGroup: { 50: 900, "*": { p95: 5000 } }, deliveries: 100, stream: { max: 10 } },
    } };`,
    "a.spec.ts": `
      import { test } from "./base.js";
      test("slow", async ({ measure }) => measure.record("newGroup", 2310, { size: 50 }));
      test("fast enough", async ({ measure }) => {
        measure.record("newGroup", 899, { size: 50 });
        measure.record("newGroup", 4000, { size: 400 });
        measure.record("unbudgeted", 1e9);
      });
      test("rate too low", async ({ measure }) => measure.record("deliveries", 99, { unit: "per_second" }));
      test("never came", async ({ measure }) => {
        measure.record("stream", 5);
        measure.timedOut("stream", 1000);
      });
      test("only warmups", async ({ measure }) => measure.record("stream", 5, { warmUp: true }));
    `,
  });
  expect(run).toMatchObject({ exitCode: 1, passed: 1, failed: 4 });
  expect(run.errors).toHaveLength(4);
  expect(run.errors[0]).toMatch(
    /1 performance budget crossed:\n {2}- newGroup, size 50: p95 2,310 ms, budget at most 900 ms, baseline 850 ms \(n 1, SDK \S+, embedded\)/,
  );
  expect(run.errors[1]).toContain("deliveries, size 1: p50 99 /s, budget at least 100 /s, baseline none");
  expect(run.errors[2]).toContain("stream, size 1: 1 timeout, budget at most 0");
  expect(run.errors[3]).toContain("stream, size 1: no counted sample, so its budget proves nothing");
});

test("a malformed budget fails with the path of what is wrong", async () => {
  const run = await runInlineTest({
    "base.ts": base,
    "a.spec.ts": `
      import { test } from "./base.js";
      test.use({ budgets: { send: { 50: { p59: 10 } } } });
      test("x", async ({ measure }) => {});
    `,
  });
  expect(run.exitCode).toBe(1);
  expect(run.errors[0]).toContain("budgets.send.50.p59 is not valid (10).");
});

test("a missing baseline is an error, save in the run that writes it", async () => {
  const files = {
    "base.ts": base,
    "a.spec.ts": `
      import { test } from "./base.js";
      test.use({ baseline: "none.json" });
      test("x", async ({ measure }) => measure.record("send", 1));
    `,
  };
  const plain = await runInlineTest(files);
  expect(plain.errors[0]).toContain("The baseline cannot be read");
  const updating = await runInlineTest(files, { env: { XMTP_UPDATE_BASELINE: "1" } });
  expect(updating.exitCode).toBe(0);
});

test("the run page counts messages of tests that passed, and samples taken on real workers", async () => {
  const run = await runInlineTest({
    "playwright.config.ts": `
      import { xmtpReporter } from "playwright-xmtp/reporter";
      export default { testDir: ".", reporter: [xmtpReporter({ outputFolder: "out" })] };`,
    "a.spec.ts": `
      import { test, expect, typeofStream } from "playwright-xmtp";
      test("sends", async ({ alice, bob, measure }) => {
        await bob.worker.startStream(typeofStream.Message);
        const dm = await measure.time("newDm", {}, () => alice.client.conversations.createDm(bob.inboxId));
        await measure.repeat("send", { n: 3, warmup: 0 }, (run) => dm.sendText("gm " + run));
        for (const run of [0, 1, 2]) await expect(bob).toHaveReceived("gm " + run);
      });`,
  });
  expect(run.exitCode, run.output).toBe(0);
  const report = JSON.parse(await run.read("out/xmtp-report.json")) as RunReport;
  expect(report.messages).toMatchObject({ sent: 3, sendFailures: 0, received: 3 });
  expect(report.curves).toMatchObject([{ name: "all tests, no fault", arrived: 3 }]);
  expect(report.operations).toMatchObject([
    { operation: "newDm", statistics: { n: 1 } },
    { operation: "send", statistics: { n: 3 } },
  ]);
  expect(report.seeds).toHaveLength(1);
});
