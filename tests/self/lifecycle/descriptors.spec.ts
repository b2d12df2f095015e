import { existsSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { runInlineTest } from "../inline-project.js";

const TESTS = 60;
/** From here on nothing may grow: by now everything that is made once is there. */
const WARM = 20;
/** Two workers hold 8 sockets while they live, and the ones before may still be closing. */
const SLACK = 24;

test.describe.configure({ timeout: 240_000 });
test.skip(!existsSync("/proc/self/fd"), "the system does not list a process's descriptors");

test(`${TESTS} tests in one process: no descriptor is left behind`, async () => {
  const run = await runInlineTest(
    {
      "many.spec.ts": `
        import { appendFileSync, readdirSync } from "node:fs";
        import { test, expect } from "playwright-xmtp";
        for (let n = 0; n < ${TESTS}; n++) {
          test(\`test \${n}\`, async ({ alice, bob }) => {
            const dm = await alice.client.conversations.createDm(bob.inboxId);
            await dm.sendText("hello");
            const line = \`\${process.pid} \${readdirSync("/proc/self/fd").length}\\n\`;
            appendFileSync("descriptors.txt", line);
          });
        }`,
    },
    { timeoutMs: 200_000 },
  );
  expect(run.errors).toEqual([]);
  expect(run.passed).toBe(TESTS);
  const lines = (await run.read("descriptors.txt")).trim().split("\n");
  expect(new Set(lines.map((line) => line.split(" ")[0])), "one process").toHaveProperty("size", 1);
  const counts = lines.map((line) => Number(line.split(" ")[1]));
  test.info().annotations.push({ type: "descriptors", description: counts.join(" ") });
  const warm = Math.max(...counts.slice(0, WARM));
  // A leak only grows: the lowest of the last ten tells it from connections that were just about to close.
  expect(Math.min(...counts.slice(-10)), counts.join(" ")).toBeLessThan(warm + SLACK);
});
