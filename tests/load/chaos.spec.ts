import { expect } from "@playwright/test";
import { scenario, test } from "./run.js";

test("half of the users lose their line again and again, and nothing is lost that the SDK promises", async ({
  rig,
}) => {
  const ended = await rig.run([
    "load",
    scenario("half-line.yml"),
    "--fault=cut",
    "--fault-every=5",
    "--fault-for=2",
    `--output=${rig.folder}`,
  ]);
  expect(ended.exitCode, ended.output).toBe(0);
  const { counters, faults, users } = await rig.report();
  expect(faults.length).toBeGreaterThan(0);
  expect(users).toMatchObject({ settled: 10, died: 0 });
  expect(counters["xmtp.stream_outages"]).toBeGreaterThan(0);
  expect(counters).toMatchObject({ "xmtp.lost": 0, "xmtp.duplicate": 0 });
});

test("a fault that is none is refused with those there are", async ({ rig }) => {
  const ended = await rig.run(["load", scenario("tiny.yml"), "--fault=slow", `--output=${rig.folder}`]);
  expect(ended.exitCode).toBe(1);
  expect(ended.output).toContain('INVALID_OPTION: --fault is "slow". Give latency:300');
});
