import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { scenario, test } from "./run.js";

interface ArtilleryReport {
  readonly aggregate: {
    readonly counters: Readonly<Record<string, number>>;
    readonly summaries: Readonly<Record<string, { count: number; max: number; p99: number }>>;
  };
}

test("a ramp, a burst and a steady stretch in two processes: every message exactly once", async ({ rig }) => {
  const ended = await rig.run(["load", scenario("small.yml"), "--processes=2", `--output=${rig.folder}`], {
    XMTP_API_URL: "",
  });
  expect(ended.output).toContain("24 of 24 users settled");
  expect(ended.exitCode, ended.output).toBe(0);

  const report = await rig.report();
  expect(report).toMatchObject({ status: "passed", problems: [], missingShards: [] });
  expect(report.processes.map(({ shard, users }) => [shard, users])).toEqual([
    ["1/2", 12],
    ["2/2", 12],
  ]);
  const { counters, histograms, slices, tails, node } = report;
  expect(counters["xmtp.delivered"]).toBeGreaterThan(counters["xmtp.acknowledged"]);
  expect(histograms["xmtp.delivery_ms"]?.n).toBe(counters["xmtp.delivered"]);
  expect(histograms["xmtp.database_kb"]?.n).toBe(24);
  expect(slices.length).toBeGreaterThan(3);
  expect(tails.checked).toBeGreaterThan(0);
  expect(node?.samples.length).toBeGreaterThan(3);

  // Artillery's own reports have the same figures.
  const own = await Promise.all(
    ["1", "2"].map(
      async (n) =>
        JSON.parse(await readFile(join(rig.folder, `artillery-${n}-of-2.json`), "utf8")) as ArtilleryReport,
    ),
  );
  for (const name of ["xmtp.sent", "xmtp.acknowledged", "xmtp.delivered", "xmtp.lost"] as const)
    expect(own.reduce((sum, one) => sum + (one.aggregate.counters[name] ?? NaN), 0)).toBe(counters[name]);
  expect(own.reduce((sum, one) => sum + (one.aggregate.summaries["xmtp.delivery_ms"]?.count ?? NaN), 0)).toBe(
    counters["xmtp.delivered"],
  );
  const page = await readFile(join(rig.folder, "load-report.html"), "utf8");
  expect(page).toContain("Sent and acknowledged over time");
});
