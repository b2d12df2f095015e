import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { Population } from "#src/load/population/population.js";
import { usersOf } from "#src/load/population/shard.js";
import { scenario, test } from "./run.js";

test("two machines share a run by one node's URL, and their blobs make one report", async ({ rig }) => {
  const run = "shards";
  const folders = ["1", "2"].map((shard) => `${rig.folder}-${shard}`);
  const ended = await Promise.all(
    folders.map((folder, at) =>
      rig.run(["load", scenario("tiny.yml"), `--shard=${at + 1}/2`, `--output=${folder}`], {
        XMTP_LOAD_RUN: run,
      }),
    ),
  );
  for (const { exitCode, output } of ended) expect(exitCode, output).toBe(0);

  // As CI does it: all blobs in one folder.
  for (const folder of folders)
    for (const name of await readdir(folder))
      if (name.endsWith(".load.json"))
        await cp(join(folder, name), join(rig.folder, name), { recursive: true });
  const merged = await rig.run(["load-report", `--input=${rig.folder}`]);
  expect(merged.exitCode, merged.output).toBe(0);
  const report = await rig.report();
  expect(report).toMatchObject({ status: "passed", users: { settled: 10, absent: 0 }, missingShards: [] });
  expect(report.processes.map(({ shard, users }) => [shard, users])).toEqual([
    ["1/2", 5],
    ["2/2", 5],
  ]);
  expect(report.tails.checked).toBeGreaterThan(0);
  expect(report.histograms["xmtp.delivery_ms"]?.n).toBe(report.counters["xmtp.delivered"]);
  // Every group has members on both.
  const first = new Set(usersOf({ current: 1, total: 2 }, 10));
  const population = new Population({ seed: "xmtp", run, users: 10, groups: 2, groupSize: 5, dms: 0 });
  for (const { members } of population.conversations)
    expect(new Set(members.map((one) => first.has(one))).size).toBe(2);

  // A shard that is missing is no pass.
  const [lost = ""] = (await readdir(rig.folder)).filter((name) => name.startsWith("shard-2-of-2"));
  await rm(join(rig.folder, lost));
  const half = await rig.run(["load-report", `--input=${rig.folder}`]);
  expect(half.exitCode).toBe(1);
  expect(half.output).toContain("shard 2/2 left no blob");
});

test("a shard that does not know its run is refused before anybody signs up", async ({ rig }) => {
  const ended = await rig.run(["load", scenario("tiny.yml"), "--shard=1/2", `--output=${rig.folder}`]);
  expect(ended.exitCode).toBe(1);
  expect(ended.output).toMatch(/INVALID_OPTION: Shard 1 of 2 .* Set XMTP_LOAD_RUN/s);
  expect((await rig.node.stats()).identityUpdates).toBe(0);
});
