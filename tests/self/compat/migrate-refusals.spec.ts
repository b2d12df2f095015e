import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { refusals, staysOnCompat } from "./refusals.js";
import type { Told } from "./refusals.js";

const run = promisify(execFile);
const cli = fileURLToPath(new URL("../../../dist/src/cli/main.js", import.meta.url));

/** What the report says of each file: its lines, trimmed. */
function blocks(report: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of report.split("\n")) {
    const head = /^(\S+): (moved|not moved|nothing to do)$/.exec(line);
    if (head) found.set(head[1] ?? "", (lines = []));
    else if (line.startsWith("  ")) lines.push(line.trim());
  }
  return found;
}

/** The forms in a package of their own, one folder each. */
async function written(dir: string, forms: Readonly<Record<string, Told>> = refusals): Promise<void> {
  for (const [name, { text, beside }] of Object.entries(forms))
    for (const [file, content] of Object.entries({ [`${name}.test.ts`]: text, ...beside })) {
      await mkdir(join(dir, name), { recursive: true });
      await writeFile(join(dir, name, file), content);
    }
  await writeFile(join(dir, "package.json"), "{}");
}

async function migrate(dir: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [cli, "migrate", ".", ...args], { cwd: dir });
  return stdout;
}

test("each form that cannot be moved, or means less, is told by its own line; what only looks like it is not", async ({}, testInfo) => {
  const dir = testInfo.outputPath("suites");
  await written(dir);
  const told = blocks(await migrate(dir));
  for (const [name, { text, says, stays }] of Object.entries(refusals)) {
    const path = join(name, `${name}.test.ts`);
    const lines = told.get(path) ?? [];
    expect.soft(lines, name).toHaveLength(says.length);
    for (const part of says) expect.soft(lines.join("\n"), name).toContain(part);
    const after = await readFile(join(dir, path), "utf8");
    if (stays) expect.soft(after, name).toBe(text);
    else expect.soft(after, name).toContain('from "playwright-xmtp/compat";');
  }
  const config = await readFile(join(dir, "playwright.config.ts"), "utf8");
  for (const [name, { stays }] of Object.entries(refusals))
    expect.soft(config.includes(`**/${name}/${name}.test.ts`), name).toBe(stays === true);
});

test("a dry run of all these shows each change as a diff, and changes nothing", async ({}, testInfo) => {
  const dir = testInfo.outputPath("suites");
  await written(dir);
  const stdout = await migrate(dir, "--dry-run");
  expect(stdout).toMatch(/files would be moved/);
  expect(stdout).toContain("would write playwright.config.ts");
  for (const [name, { text, stays }] of Object.entries(refusals)) {
    const path = join(name, `${name}.test.ts`);
    expect.soft(stdout.includes(`+++ ${path}`), name).toBe(stays !== true);
    expect.soft(await readFile(join(dir, path), "utf8"), name).toBe(text);
  }
});

test("what the second pass leaves on the compat entry is told with the reason, and stays as it is", async ({}, testInfo) => {
  const dir = testInfo.outputPath("suites");
  await written(dir, staysOnCompat);
  const told = blocks(await migrate(dir, "--native"));
  for (const [name, { text, says }] of Object.entries(staysOnCompat)) {
    const path = join(name, `${name}.test.ts`);
    expect.soft(told.get(path), name).toHaveLength(says.length);
    for (const part of says) expect.soft(told.get(path)?.join("\n"), name).toContain(part);
    expect.soft(await readFile(join(dir, path), "utf8"), name).toBe(text);
  }
});
