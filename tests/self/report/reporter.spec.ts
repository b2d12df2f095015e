import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import type { RunReport } from "#src/report/run-report.js";
import { runInlineTest } from "../inline-project.js";
import type { InlineResult } from "../inline-project.js";

/** What the fixtures of this package leave behind, written by hand: the reporter reads nothing else. */
const helpers = `
import { test } from "@playwright/test";
export const series = (operation, size, values, more = {}) => ({ operation, size, unit: "ms",
  sdkVersion: "5.5.0", backend: "embedded", values, warmUps: [], timedOut: 0, delivery: false, ...more });
export const samples = (list, budgets = {}) => test.info().attach("xmtp-samples", {
  body: JSON.stringify({ version: 1, testId: test.info().testId, series: list, budgets }),
  contentType: "application/vnd.playwright-xmtp.samples+json" });
export const timeline = (events) => test.info().attach("timeline", {
  body: JSON.stringify({ version: 1, events }),
  contentType: "application/vnd.playwright-xmtp.timeline+json" });
export const annotate = (type, description) => test.info().annotations.push({ type, description });
`;

const project = {
  "helpers.ts": helpers,
  "playwright.config.ts": `
    import { xmtpReporter } from "playwright-xmtp/reporter";
    export default { testDir: ".", fullyParallel: true, retries: 1,
      reporter: [["blob"], xmtpReporter({ outputFolder: process.env.OUT ?? "live" })] };
  `,
  "merge.config.ts": `
    import { xmtpReporter } from "playwright-xmtp/reporter";
    export default { testDir: ".", reporter: [xmtpReporter({ outputFolder: "merged" })] };
  `,
  "a.spec.ts": `
    import { test } from "@playwright/test";
    import { annotate, samples, series, timeline } from "./helpers.js";
    test("sends", async () => {
      annotate("seed", "7f3a");
      await samples([series("send", 50, [3, 1, 2]), series("send", 100, [9])], { send: 2, snd: 1 });
    });
    test("sends more", async () => {
      await samples([series("send", 50, [5, 4], { timedOut: 1, delivery: true })]);
    });
    test("is flaky", async ({}, info) => {
      await samples([series("retried", 1, [info.retry])]);
      if (info.retry === 0) throw new Error("only at first");
    });
  `,
  "b.spec.ts": `
    import { test } from "@playwright/test";
    import { annotate, timeline } from "./helpers.js";
    const base = { wall: 0, installationId: "", inboxId: "", worker: "alice" };
    test("has a fault", async () => {
      annotate("leak", "1 socket of alice");
      await timeline([
        { ...base, seq: 1, at: 10, kind: "send", messageId: "m1", outcome: "ok" },
        { ...base, seq: 2, at: 15, kind: "receive", source: "stream", messageId: "m1" },
        { ...base, seq: 3, at: 20, kind: "fault", faultId: "f", fault: "stall", state: "applied", targets: ["bob"], detail: "" },
        { ...base, seq: 4, at: 21, kind: "fault", faultId: "f", fault: "stall", state: "effective", targets: ["bob"], detail: "" },
        { ...base, seq: 5, at: 25, kind: "send", messageId: "m2", outcome: "ok" },
        { ...base, seq: 6, at: 90, kind: "fault", faultId: "f", fault: "stall", state: "lifted", targets: ["bob"], detail: "" },
        { ...base, seq: 7, at: 95, kind: "receive", source: "stream", messageId: "m2" },
        { kind: "of a later version", at: 99 },
      ]);
    });
    test("fails", () => { throw new Error("as asked\\nwith details"); });
    test.skip("is skipped", () => {});
  `,
};

const outputs = ["xmtp-report.json", "summary.md", "index.html"] as const;

async function outputsOf(run: InlineResult, folder: string): Promise<string[]> {
  return Promise.all(outputs.map((name) => run.read(join(folder, name))));
}

test("a live run sums up samples, timelines, annotations and outcomes", async () => {
  const run = await runInlineTest(project);
  expect(run).toMatchObject({ exitCode: 1, passed: 3, failed: 1, flaky: 1, skipped: 1 });
  const report = JSON.parse(await run.read("live/xmtp-report.json")) as RunReport;
  const test = { project: "", file: "b.spec.ts", title: "has a fault" };
  expect(report).toMatchObject({
    version: 1,
    status: "failed",
    outcomes: { expected: 3, unexpected: 1, flaky: 1, skipped: 1 },
    messages: { sent: 2, sendFailures: 0, received: 2, streamRetries: 0 },
    unusedBudgets: ["snd"],
    failed: [{ title: "fails", error: "Error: as asked", attempts: 2 }],
    flaky: [{ title: "is flaky", error: "Error: only at first", attempts: 2 }],
    faults: [{ fault: "stall", targets: ["bob"], state: "effective", test }],
    leaks: [{ leak: "1 socket of alice", test }],
    seeds: [{ seed: "7f3a", test: { title: "sends" } }],
    problems: [],
  });
  // Pooled over tests, of the last attempt only.
  expect(report.operations.map(({ operation, size, values }) => [operation, size, values])).toEqual([
    ["retried", 1, [1]],
    ["send", 50, [1, 2, 3, 4, 5]],
    ["send", 100, [9]],
  ]);
  expect(report.operations[1]).toMatchObject({ timedOut: 1, statistics: { n: 5, max: 5, mean: 3 } });
  expect(report.operations[1]?.statistics?.p50).toBeCloseTo(3, 2);
  expect(report.budgets.filter((one) => one.crossed)).toMatchObject([
    { operation: "send", size: 50, statistic: "p95", limit: 2, test: { title: "sends" } },
    { operation: "send", size: 100, statistic: "p95", limit: 2, test: { title: "sends" } },
  ]);
  expect(report.curves).toMatchObject([
    { name: "send, size 50", expected: 6, arrived: 5 },
    { name: "all tests, no fault", arrived: 1, points: [[5, 1]] },
    { name: "all tests, under a fault", arrived: 1, points: [[70, 1]] },
  ]);
});

test("merge-reports gives the same files as the live run, from one blob and from two shards", async () => {
  test.slow();
  const live = await runInlineTest(project);
  const merge = (blobs: string): Promise<InlineResult> =>
    runInlineTest({}, { args: ["merge-reports", "--config=merge.config.ts", blobs] });
  const merged = await merge("blob-report");
  expect(merged.exitCode, merged.output).toBe(0);
  expect(await outputsOf(merged, "merged")).toEqual(await outputsOf(live, "live"));

  for (const shard of ["1/2", "2/2"]) {
    await runInlineTest(project, {
      args: ["test", "--workers=1", `--shard=${shard}`],
      env: {
        OUT: "shard",
        PLAYWRIGHT_BLOB_OUTPUT_DIR: undefined,
        PLAYWRIGHT_BLOB_OUTPUT_FILE: `shards/${shard.replace("/", "-")}.zip`,
      },
    });
  }
  const sharded = await merge("shards");
  expect(sharded.exitCode, sharded.output).toBe(0);
  expect(await outputsOf(sharded, "merged")).toEqual(await outputsOf(live, "live"));
});

test("what cannot be read is a line of the report, never the end of the run", async () => {
  const attach = (body: string, type: string): string =>
    `await test.info().attach("broken", { body: ${JSON.stringify(body)}, contentType: "application/vnd.playwright-xmtp.${type}+json" });`;
  const run = await runInlineTest({
    "playwright.config.ts": project["merge.config.ts"],
    "a.spec.ts": `
      import { test } from "@playwright/test";
      test("not JSON", async () => { ${attach("{", "samples")} });
      test("of a later version", async () => { ${attach('{"version":2}', "samples")} });
      test("malformed", async () => { ${attach('{"version":1,"series":[{"operation":1}]}', "samples")} });
      test("malformed budget", async () => { ${attach('{"version":1,"series":[],"budgets":{"a":"b"}}', "samples")} });
      test("null timeline", async () => { ${attach("null", "timeline")} });
      test("odd timeline", async () => { ${attach('{"events":[null,7,{"kind":"fault"}]}', "timeline")} });
      test("broken timeline", async () => { ${attach("]", "timeline")} });
    `,
  });
  expect(run).toMatchObject({ exitCode: 0, passed: 7 });
  const { problems } = JSON.parse(await run.read("merged/xmtp-report.json")) as RunReport;
  expect(problems.map((problem) => problem.replace(/ cannot be read.*/, ""))).toEqual(
    ["broken timeline", "malformed", "malformed budget", "not JSON", "of a later version"].map(
      (title) => `a.spec.ts › ${title}: attachment "broken"`,
    ),
  );
});

test("a file that throws while loading still leaves a report", async () => {
  const run = await runInlineTest({
    "playwright.config.ts": project["merge.config.ts"],
    "c.spec.ts": `throw new Error("cannot be loaded");`,
  });
  expect(run.output).toContain("cannot be loaded");
  const report = JSON.parse(await run.read("merged/xmtp-report.json")) as RunReport;
  expect(report.status).toBe("failed");
});

test("a report that cannot be written is one clear line, and fails the run only if asked to", async () => {
  const files = (failing: boolean): Record<string, string> => ({
    "in-the-way": "a file where the folder should be",
    "playwright.config.ts": `
      import { xmtpReporter } from "playwright-xmtp/reporter";
      export default { testDir: ".", reporter: [
        xmtpReporter({ outputFolder: "in-the-way", failOnReportError: ${failing} })] };`,
    "a.spec.ts": `import { test } from "@playwright/test"; test("passes", () => {});`,
  });
  const lenient = await runInlineTest(files(false));
  expect(lenient.output).toMatch(/playwright-xmtp reporter: E\w+: .*in-the-way/);
  expect(lenient.exitCode).toBe(0);
  const strict = await runInlineTest(files(true));
  expect(strict.exitCode).toBe(1);
});

test("the Markdown is appended to GitHub's step summary", async () => {
  const summary = test.info().outputPath("step-summary.md");
  await writeFile(summary, "written before\n");
  const env = { GITHUB_STEP_SUMMARY: summary };
  const config = project["merge.config.ts"].replace('"merged"', "process.env.OUT");
  const files = {
    "playwright.config.ts": config,
    "helpers.ts": helpers,
    "a.spec.ts": `
      import { test } from "@playwright/test";
      import { samples, series } from "./helpers.js";
      test("sends", () => samples([series("send", 50, [1, 2, 3, 4, 5])]));`,
  };
  const run = await runInlineTest(files, { env: { ...env, OUT: "out" } });
  const markdown = await run.read("out/summary.md");
  expect(markdown).toContain("| send | 50 | 5 | 3 ms | 5 ms* | 5 ms* |".replaceAll("*", "\\*"));
  expect(await readFile(summary, "utf8")).toBe(`written before\n${markdown}`);
});

test("a baseline is written on request, and later runs are compared with it", async () => {
  const files = (factor: number): Record<string, string> => ({
    "helpers.ts": helpers,
    "playwright.config.ts": `
      import { xmtpReporter } from "playwright-xmtp/reporter";
      export default { testDir: ".", reporter: [xmtpReporter({ outputFolder: "out", baseline: "base.json" })] };`,
    "a.spec.ts": `
      import { test } from "@playwright/test";
      import { samples, series } from "./helpers.js";
      const figures = (factor) => Array.from({ length: 40 }, (_, i) => (100 + (i * 7) % 40) * factor);
      test("measures", () => samples([series("send", 1, figures(${factor})), series("sync", 1, figures(1))]));
      test("fails", async () => { await samples([series("broken", 1, [1])]); throw new Error("no"); });`,
  });
  const writing = await runInlineTest(files(1), { env: { XMTP_UPDATE_BASELINE: "1" } });
  expect(writing.output).toContain("the baseline leaves out 1 operation whose tests failed");
  expect(await writing.read("base.json")).not.toContain("broken");
  const comparing = await runInlineTest(files(1.5));
  const { operations } = JSON.parse(await comparing.read("out/xmtp-report.json")) as RunReport;
  const verdicts = operations.map((one) => [one.operation, one.comparison?.verdict]);
  expect(verdicts).toEqual([
    ["broken", undefined],
    ["send", "slower"],
    ["sync", "same"],
  ]);
  expect(operations[1]?.comparison).toMatchObject({ ratio: 1.5, n: 40, baselineN: 40 });
});

test("a run without any sample still leaves a small page, without scripts or addresses", async () => {
  const run = await runInlineTest({
    "playwright.config.ts": project["merge.config.ts"],
    "a.spec.ts": `import { test } from "@playwright/test"; test("passes", () => {});`,
  });
  const page = await run.read("merged/index.html");
  expect(page).toContain("1 passed");
  expect(page).not.toMatch(/<script|<link|https?:|@import|url\(/);
  expect(page.length).toBeLessThan(10_000);
  await expect(access(join(run.dir, "merged/summary.md"))).resolves.toBeUndefined();
});
