import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect } from "@playwright/test";
import { root } from "../package/consumer.js";

const installed = [".bin", "@playwright", "@xmtp", "viem", "vite"];

/** A project of a user's, with the installed packages as links. */
export async function project(
  dir: string,
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = installed,
): Promise<void> {
  await mkdir(join(dir, "node_modules"), { recursive: true });
  await symlink(root, join(dir, "node_modules/playwright-xmtp"));
  for (const name of packages)
    await symlink(join(root, "node_modules", name), join(dir, "node_modules", name));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
}

/** Runs the project's tests; their titles with how each ended. @param config another one than the project's own */
export async function outcomes(dir: string, config?: string): Promise<string[]> {
  const env = Object.entries(process.env).filter(
    ([name]) => !/^(TEST_|PLAYWRIGHT_|PW_?TEST|XMTP_|CI$)/.test(name),
  );
  const cli = join(root, "node_modules/@playwright/test/cli.js");
  const args = [cli, "test", "--reporter=list", "--workers=1", `--output=${join(dir, "test-results")}`];
  if (config !== undefined) args.push(`--config=${config}`);
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: dir, env: Object.fromEntries(env) }, (_error, stdout, stderr) =>
      resolve(stripVTControlCharacters(stdout + stderr)),
    );
  });
  const ended = [...output.matchAll(/^\s+(✓|✘|-)\s+\d+ .*› (.*?)(?: \(.*\))?$/gm)];
  expect(ended.length, output).toBeGreaterThan(0);
  if (output.includes("✘")) console.log(output);
  return ended.map(([, mark = "", title = ""]) => `${mark} ${title}`).sort();
}
