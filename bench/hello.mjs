/**
 * What a hello-world file costs: two workers on the embedded network exchange a message, against an empty
 * Playwright test. Whole processes, in turn, so that a drift of the machine hits both.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { project } from "./project.mjs";
import { median, ratioText } from "./stats.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const pairs = Number(process.env.BENCH_PAIRS ?? 5);

const empty = `import { test } from "@playwright/test";
test("empty", async () => {});
`;
const hello = `import { expect, test, typeofStream } from "playwright-xmtp";
test("hello", async ({ alice, bob }) => {
  await bob.worker.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("hello");
  await expect(bob).toHaveReceived("hello");
});
`;

async function timed(dir) {
  const start = performance.now();
  await run(process.execPath, [join(root, "node_modules/@playwright/test/cli.js"), "test"], { cwd: dir });
  return performance.now() - start;
}

const [emptyDir, helloDir] = [await project("empty", empty), await project("hello", hello)];
await timed(emptyDir);
await timed(helloDir);
const [bare, ours] = [[], []];
for (let pair = 0; pair < pairs; pair++) {
  bare.push(await timed(emptyDir));
  ours.push(await timed(helloDir));
}
console.log(`empty test  ${median(bare).toFixed(0)} ms`);
console.log(`hello world ${median(ours).toFixed(0)} ms`);
console.log(`ratio       ${ratioText(ours.map((ms, pair) => ms / bare[pair]))}   (must stay under 2)`);
