import { execFile } from "node:child_process";
import { appendFile, cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { ESLint } from "eslint";
import { root } from "./consumer.js";

/*
 * The checks of prose prove themselves: in a scratch copy of the pages each kind of mistake is made once, and
 * `npm run prose` must name its place.
 */

const run = promisify(execFile);

/** What a tool says about the pages in `folder`: its exit code and everything it printed. */
async function says(
  folder: string,
  tool: string,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" } };
  try {
    const { stdout, stderr } = await run(
      process.execPath,
      [resolve(root, "node_modules", tool), ...args],
      options,
    );
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}
const spelling = async (folder: string) =>
  await says(folder, "cspell/bin.mjs", "--no-progress", "--no-color");
const links = async (folder: string) =>
  await says(folder, "remark-cli/cli.js", ".", "--frail", "--quiet", "--no-color");

const copied = [
  ...["docs", "examples", ".cspell", "cspell.json", ".remarkrc.mjs", ".remarkignore", "package.json"],
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "src/errors.ts"],
];

/** A copy of the pages and one source; not under test-results/, which both tools leave alone. */
const scratch = test.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "prose-"));
    for (const name of copied) await cp(resolve(root, name), resolve(folder, name), { recursive: true });
    await writeFile(resolve(folder, ".gitignore"), "node_modules\n");
    await symlink(resolve(root, "node_modules"), resolve(folder, "node_modules"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

scratch("the pages pass", async ({ folder }) => {
  expect(await spelling(folder)).toMatchObject({ code: 0 });
  expect(await links(folder)).toMatchObject({ code: 0 });
});

scratch(
  "a misspelled word and a word of the glossary's left column are named, in pages and in comments",
  async ({ folder }) => {
    await appendFile(resolve(folder, "docs/chaos.md"), "\nA fault that bites recieves a timeout.\n"); // cspell:disable-line
    await appendFile(resolve(folder, "src/errors.ts"), "\n/** An un-awaited colour. */\n"); // cspell:disable-line
    const { code, output } = await spelling(folder);
    expect(code).toBe(1);
    expect(output).toMatch(/docs\/chaos\.md:\d+:14 - Forbidden word \(bites\)/); // cspell:disable-line
    expect(output).toMatch(/docs\/chaos\.md:\d+:20 - Unknown word \(recieves\)/); // cspell:disable-line
    expect(output).toMatch(/src\/errors\.ts:\d+:8 - Forbidden word \(un-awaited\)/); // cspell:disable-line
    expect(output).toMatch(/src\/errors\.ts:\d+:19 - Unknown word \(colour\)/); // cspell:disable-line
  },
);

scratch("a link to a missing page, and one to a missing heading, are named", async ({ folder }) => {
  const seeds = "\n[a](gone.md) [b](fixtures.md#gone) [c](#gone) [d](fixtures.md#options)\n";
  await appendFile(resolve(folder, "docs/chaos.md"), seeds);
  const { code, output } = await links(folder);
  expect(code).toBe(1);
  expect(output).toContain("Cannot find file `gone.md`");
  expect(output).toContain("Cannot find heading for `#gone` in `fixtures.md`");
  expect(output).toMatch(/Cannot find heading for `#gone`\s/);
  expect(output).toContain("3 warnings");
});

test("a text that says what something is not, in a foreigner's way, fails the lint", async () => {
  const lint = new ESLint({ cwd: root });
  const complaints = async (text: string): Promise<string[]> => {
    const [result] = await lint.lintText(`console.log(${text});\n`, {
      filePath: resolve(root, "scripts/seed.mjs"),
    });
    return (result?.messages ?? []).map(({ ruleId }) => String(ruleId));
  };
  // Joined here, as the rule reads this file too.
  const isNo = ["is", "no"].join(" ");
  expect(await complaints(`'"x" ${isNo} URL'`)).toEqual(["no-restricted-syntax"]);
  expect(await complaints("`${process.pid} " + isNo + " port`")).toEqual(["no-restricted-syntax"]);
  for (const fine of ["'There is no worker.'", "'The port is no longer open.'", "'\"x\" is not a URL'"])
    expect(await complaints(fine), fine).toEqual([]);
});
