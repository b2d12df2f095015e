import { execFile } from "node:child_process";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { templates } from "#src/cli/templates.js";
import { asked, shown } from "../../../scripts/suites.js";
import { root } from "./consumer.js";

/** Checks a workflow against the schema of GitHub's workflows; "" when it is right. */
async function validate(file: string): Promise<string> {
  const cli = join(root, "node_modules/@action-validator/cli/cli.mjs");
  return await new Promise((resolve) => {
    execFile(process.execPath, [cli, file], (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}${error.message}` : ""),
    );
  });
}

const folder = join(root, ".github/workflows");
const workflows = (): Promise<string[]> => readdir(folder);
const manifest = async () =>
  JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
    peerDependencies: Record<string, string>;
  };

test("the workflows are workflows, and the one that init writes too", async ({}, testInfo) => {
  const files = (await workflows()).map((name) => join(folder, name));
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect(await validate(file)).toBe("");

  const dir = testInfo.outputPath(".github/workflows");
  await mkdir(dir, { recursive: true });
  const text = templates[".github/workflows/playwright.yml"] ?? "";
  await writeFile(join(dir, "playwright.yml"), text);
  expect(await validate(join(dir, "playwright.yml"))).toBe("");
  await writeFile(join(dir, "wrong.yml"), text.replace("runs-on:", "runs-no:"));
  expect(await validate(join(dir, "wrong.yml"))).toContain("runs-no");
});

/** Actions that a workflow names by a tag or a branch, which somebody else can move. */
const movable = (text: string): string[] =>
  [...text.matchAll(/uses: *(\S+)/g)]
    .map(([, action = ""]) => action)
    .filter((action) => !action.startsWith("./") && !/@[0-9a-f]{40}$/.test(action));

test("every action is pinned to a commit", async () => {
  const texts = await Promise.all((await workflows()).map((name) => readFile(join(folder, name), "utf8")));
  expect(texts.join("\n")).toContain("uses: actions/checkout@");
  expect(texts.flatMap(movable)).toEqual([]);
  expect(movable("- uses: actions/checkout@v5 # v5")).toEqual(["actions/checkout@v5"]);
});

test("a release waits for the whole CI, a maintainer, and a changelog that names the version", async () => {
  const release = await readFile(join(folder, "release.yml"), "utf8");
  const [, ci = "", publish = ""] = /\n {2}ci:\n([\s\S]*?)\n {2}publish:\n([\s\S]*)/.exec(release) ?? [];
  expect(ci).toContain("uses: ./.github/workflows/ci.yml");
  expect(publish).toContain("needs: ci\n");
  expect(publish).toContain("environment: npm\n");
  expect(publish).toMatch(/check-release\.mjs "\$GITHUB_REF_NAME"[\s\S]*npm publish --provenance/);
  expect(await readFile(join(folder, "ci.yml"), "utf8")).toContain("workflow_call:");
});

test("what the workflows call exists", async () => {
  const { scripts } = await manifest();
  const texts = await Promise.all((await workflows()).map((name) => readFile(join(folder, name), "utf8")));
  const text = [...texts, await readFile(join(root, ".ci/run"), "utf8")].join("\n");

  const called = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
  expect(called.length).toBeGreaterThan(5);
  expect(called.filter((name) => !(name in scripts))).toEqual([]);
  const used = [...text.matchAll(/(?:--project=|project: )([a-z]+)/g)].map(([, name = ""]) => name);
  const named = new Set([...used, ...called.filter((name) => name in asked), "self"]);
  expect([...named].sort()).toEqual(Object.keys({ ...shown, ...asked }).sort());
  expect(scripts["test"]).toContain("--project=self");
});

test("the lowest Playwright that is allowed, and each supported Node, are in the matrix", async () => {
  const { peerDependencies } = await manifest();
  const lowest = peerDependencies["@playwright/test"]?.replace(">=", "");
  const ci = await readFile(join(folder, "ci.yml"), "utf8");
  expect(ci).toContain(`playwright: [${lowest}.0, latest]`);
  expect(ci).toContain("node: [20.19, 22, 24, 26]");
});
