import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import type { TestInfo } from "@playwright/test";
import { runInlineTest } from "../inline-project.js";
import { suites } from "./suites.js";

const run = promisify(execFile);
const cli = fileURLToPath(new URL("../../../dist/src/cli/main.js", import.meta.url));

async function written(testInfo: TestInfo, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = testInfo.outputPath("project");
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

async function migrate(dir: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [cli, "migrate", dir, ...args], { cwd: dir });
  return stdout;
}

test("suites are moved to the compat entry and run; what cannot be moved is named and left as it is", async ({}, testInfo) => {
  testInfo.setTimeout(240_000);
  const dir = await written(testInfo, { ...suites, "package.json": '{ "type": "module" }' });

  const report = await migrate(dir);
  await rm(join(dir, "package.json"));
  expect(report).toContain("7 files moved, 6 not");
  expect(report).toContain("the default export of");
  expect(report).toContain('vi of "vitest" has no counterpart');
  expect(report).toContain("getWorkers() outside of a describe");
  expect(report).toContain('whisper of "@helpers/whisper" has no counterpart');
  expect(report).toContain("it imports ./quiet, which was not moved");
  expect(report).toContain("it imports ./nowhere.json, and there is no such file");
  expect(report).toContain("it imports left-here-by-nobody, which is not installed");
  const told = /told\.test\.ts: moved((?:\n .*)+)/.exec(report)?.[1] ?? "";
  expect(told).toContain("WILL NOT PASS: has a loop without an end");
  expect(told).toContain("says of itself that it reproduces a fault");
  expect(told).toContain("reads a group's name after conversations.sync()");
  expect(told).toContain("takes keys from the environment");
  expect(report).toMatch(/timed\.test\.ts: moved\s+WILL NOT PASS: times a ping/);
  expect(report).toContain("packet loss is refused");
  for (const name of Object.keys(suites).filter((one) => one.startsWith("odd/")))
    expect(await readFile(join(dir, name), "utf8")).toBe(suites[name]);

  // Found by the package's name in a project that has it installed, not by self-reference.
  const config = (await readFile(join(dir, "playwright.config.ts"), "utf8")).replace(
    ', ["playwright-xmtp/reporter"]',
    "",
  );
  const all = await runInlineTest({ "playwright.config.ts": config }, { args: ["test", "--list"] });
  expect(all.output).toContain("Total: 6 tests in 6 files");

  const outcome = await runInlineTest(
    {},
    { args: ["test", "--workers=1", "monitoring", "chaos"], timeoutMs: 200_000 },
  );
  expect(outcome.errors).toEqual([]);
  expect(outcome).toMatchObject({ passed: 4, failed: 0 });
});

test("a config of the user's stays, and is told what it must leave out", async ({}, testInfo) => {
  const name = "odd/spies.test.ts";
  const mine = "export default {};\n";
  const dir = await written(testInfo, { [name]: suites[name] ?? "", "playwright.config.ts": mine });

  expect(await migrate(dir)).toMatch(
    /is yours, and stays as it is[^]*testIgnore[^]*\n {2}odd\/spies\.test\.ts/,
  );
  expect(await readFile(join(dir, "playwright.config.ts"), "utf8")).toBe(mine);
});

test("a dry run shows the changes and writes nothing; a second run has nothing to do", async ({}, testInfo) => {
  const name = "monitoring/post.test.ts";
  const dir = await written(testInfo, {
    [name]: suites[name] ?? "",
    "playwright.config.ts": "export default {};\n",
  });

  const diff = await migrate(dir, "--dry-run");
  expect(diff).toContain('-import { describe, expect, it } from "vitest";');
  expect(diff).toMatch(/\+import \{ describe, type Dm, expect, .*\} from "playwright-xmtp\/compat";/);
  expect(diff).toContain("+        expect(await club.consentState()).toBe(1);");
  expect(await readFile(join(dir, name), "utf8")).toBe(suites[name]);

  expect(await migrate(dir)).toContain("1 files moved");
  expect(await migrate(dir)).toContain("0 files moved, 0 not, 1 had nothing to do");
});

test("the second pass makes tests with fixtures of cases that make their own workers", async ({}, testInfo) => {
  const native = `import { describe, expect, getWorkers, it, typeofStream } from "playwright-xmtp/compat";

describe("letters", () => {
  it("arrive", async () => {
    const workers = await getWorkers(["ann", "ben"]);
    await workers.mustGet("ben").worker.startStream(typeofStream.Message);
    const dm = await workers.mustGet("ann").client.conversations.newDm(workers.mustGet("ben").inboxId);
    await dm.sendText("hi");
    await expect(workers.mustGet("ben")).toHaveReceived("hi");
  });
});
`;
  const dir = await written(testInfo, {
    "a.test.ts": native,
    "b.test.ts": suites["monitoring/post.test.ts"] ?? "",
  });
  await migrate(dir);
  const report = await migrate(dir, "--native");

  expect(report).toContain("1 files moved, 1 not");
  expect(report).toContain("an async describe: its workers live at its scope");
  const moved = await readFile(join(dir, "a.test.ts"), "utf8");
  expect(moved).toContain('import { expect, typeofStream, test } from "playwright-xmtp";');
  expect(moved).toContain('test("arrive", async ({ getWorkers }) => {');
  const outcome = await runInlineTest({}, { args: ["test", "--workers=1", "a.test.ts"], timeoutMs: 100_000 });
  expect(outcome).toMatchObject({ passed: 1, failed: 0, errors: [] });
});

test("a folder that is not there is refused", async ({}, testInfo) => {
  const failed = run(process.execPath, [cli, "migrate", testInfo.outputPath("nowhere")]);
  await expect(failed).rejects.toMatchObject({ stderr: expect.stringContaining("MIGRATE_FOLDER") });
});
