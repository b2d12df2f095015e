/**
 * What the fixtures cost: three workers exchange messages in a group, against the same scenario in SDK calls
 * only. Both are Playwright tests of one process on one embedded node, in turn. The figures are the tests' own
 * durations, fixtures set up and torn down included, and the CPU time of the process meanwhile, which a busy
 * machine disturbs less.
 */
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { project } from "./project.mjs";
import { median, ratioText } from "./stats.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const pairs = Number(process.env.BENCH_PAIRS ?? 15);
const messages = Number(process.env.BENCH_SCENARIO_MESSAGES ?? 100);

const spec = `
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { expect, test as base, typeofStream } from "playwright-xmtp";
import { bareClient, bareStream } from ${JSON.stringify(join(root, "bench/bare.mjs"))};

import { processCpuMs } from ${JSON.stringify(join(root, "bench/cpu.mjs"))};

const test = base.extend({
  cpu: [
    async ({}, use, { title }) => {
      const before = processCpuMs();
      await use(undefined);
      appendFileSync("cpu.txt", title + "=" + (processCpuMs() - before) + "\\n");
    },
    { auto: true },
  ],
});

const texts = Array.from({ length: ${messages} }, (_, at) => "message " + at);

async function bare(network, testInfo) {
  mkdirSync(testInfo.outputDir, { recursive: true });
  const make = (name) => bareClient(network, testInfo.outputDir, name);
  const [alice, bob, carol] = await Promise.all(["alice", "bob", "carol"].map(make));
  const streams = await Promise.all([bob, carol].map(bareStream));
  const group = await alice.conversations.createGroup([bob.inboxId, carol.inboxId]);
  for (const text of texts) await group.sendText(text);
  await Promise.all(streams.map((stream) => stream.received(texts.length)));
  await Promise.all(streams.map((stream) => stream.end()));
  rmSync(testInfo.outputDir, { recursive: true });
}

async function fixtures(alice, bob, carol) {
  await Promise.all([bob, carol].map(({ worker }) => worker.startStream(typeofStream.Message)));
  const group = await alice.client.conversations.createGroup([bob.inboxId, carol.inboxId]);
  for (const text of texts) await group.sendText(text);
  await Promise.all([bob, carol].map((one) => expect(one).toHaveReceivedInOrder(texts)));
}

for (let pair = -1; pair < ${pairs}; pair++) {
  if (pair % 2 === 0) test("bare " + pair, async ({ network }, testInfo) => bare(network, testInfo));
  test("fixtures " + pair, async ({ alice, bob, carol }) => fixtures(alice, bob, carol));
  if (pair % 2 !== 0) test("bare " + pair, async ({ network }, testInfo) => bare(network, testInfo));
}
`;

const dir = await project("overhead", spec);
const output = join(dir, "results.json");
await rm(output, { force: true });
await promisify(execFile)(
  process.execPath,
  [join(root, "node_modules/@playwright/test/cli.js"), "test", "--reporter=json", "--workers=1"],
  { cwd: dir, env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: output }, maxBuffer: 1 << 26 },
);
const durations = new Map();
const { suites } = JSON.parse(await readFile(output, "utf8"));
for (const { specs } of suites)
  for (const { title, tests } of specs) durations.set(title, tests[0].results[0].duration);
const cpu = new Map(
  (await readFile(join(dir, "cpu.txt"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => line.split("=")),
);
const of = (figures, name) =>
  Array.from({ length: pairs }, (_, pair) => Number(figures.get(`${name} ${pair}`)));
for (const [what, figures] of [
  ["time", durations],
  ["CPU ", cpu],
]) {
  const [bare, ours] = [of(figures, "bare"), of(figures, "fixtures")];
  const ratios = ours.map((ms, pair) => ms / bare[pair]);
  console.log(`${what}: bare SDK ${median(bare).toFixed(0)} ms, fixtures ${median(ours).toFixed(0)} ms`);
  console.log(`${what} ratio ${ratioText(ratios)}   (must stay under 1.05)`);
}
