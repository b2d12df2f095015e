/**
 * 1,000 tests with two workers each in one Playwright process: what the process holds open must not grow after the
 * first tenth (until then the SDK adds threads, up to some 450). Prints descriptors, threads and memory along the way; `BENCH_TESTS=1000` sets how many tests.
 *
 * Memory is the resident set: it also holds what Node has not collected yet, so its growth is told as a ratio.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { project } from "./project.mjs";
import { median } from "./stats.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const tests = Number(process.env.BENCH_TESTS ?? 1_000);
/** Two workers hold 8 sockets while they live, and those before may still be closing. */
const slack = 24;

const spec = `
import { appendFileSync, readdirSync } from "node:fs";
import { test, expect, typeofStream } from "playwright-xmtp";
for (let at = 0; at < ${tests}; at++)
  test("test " + at, async ({ alice, bob }) => {
    await bob.startStream(typeofStream.Message);
    const dm = await alice.createDm(bob);
    await alice.send(dm, "hello");
    await expect(bob).toHaveReceived("hello");
    const count = (what) => readdirSync("/proc/self/" + what).length;
    const line = [process.pid, count("fd"), count("task"), process.memoryUsage.rss(), process.memoryUsage().heapUsed];
    appendFileSync("held.txt", line.join(" ") + "\\n");
  });
`;

const dir = await project("long", spec);
const cli = join(root, "node_modules/@playwright/test/cli.js");
const options = { cwd: dir, maxBuffer: 1 << 26 };
await promisify(execFile)(process.execPath, [cli, "test", "--reporter=dot", "--workers=1"], options);
const lines = (await readFile(join(dir, "held.txt"), "utf8")).trim().split("\n");
const samples = lines.map((line) => line.split(" ").map(Number));
const processes = new Set(samples.map(([pid]) => pid)).size;
if (processes !== 1 || samples.length !== tests)
  throw new Error(`${samples.length} of ${tests} tests in ${processes} processes: each must pass, in one.`);

const tenth = Math.ceil(tests / 10);
/** The median of a tenth of the run: a single sample depends on what is just being closed. */
const held = Array.from({ length: 10 }, (_, part) => {
  const [, descriptors, threads, rss, heap] = Array.from({ length: 5 }, (__, column) =>
    median(samples.slice(part * tenth, (part + 1) * tenth).map((sample) => sample[column])),
  );
  return {
    "after tests": (part + 1) * tenth,
    descriptors,
    threads,
    "RSS MB": rss / 1e6,
    "heap MB": heap / 1e6,
  };
});
console.table(
  held.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, Math.round(value)]))),
);
const [first, last] = [held[1], held.at(-1)];
const growth = (key) => last[key] - first[key];
console.log(
  `from the second to the last tenth: descriptors ${growth("descriptors")}, threads ${growth("threads")}, RSS x${(last["RSS MB"] / first["RSS MB"]).toFixed(2)} (0 and 1 are flat)`,
);
if (growth("descriptors") > slack || growth("threads") > slack) {
  console.error("Something is left behind after each test.");
  process.exitCode = 1;
}
