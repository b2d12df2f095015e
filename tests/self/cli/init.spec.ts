import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { test } from "./command.js";
import { outcomes, project } from "./projects.js";

const mine = "✓ mine";
const example = "✓ bob gets alice's message exactly once";
const esm = { "package.json": '{ "type": "module" }' };
const commonjs = { "package.json": "{}" };
const ownTest = {
  esm: `import { test } from "@playwright/test"; test("mine", () => {});`,
  commonjs: `const { test } = require("@playwright/test"); test("mine", () => {});`,
};
const exported = 'export default { testDir: "./e2e" };\n';
const required = 'module.exports = { testDir: "./e2e" };\n';

/** A config of each extension, with a test of its own, and where the example belongs. */
const kinds: Record<string, [files: Record<string, string>, example: string]> = {
  ts: [
    { ...esm, "playwright.config.ts": exported, "e2e/mine.spec.ts": ownTest.esm },
    "e2e/xmtp-example.spec.ts",
  ],
  mts: [
    { ...commonjs, "playwright.config.mts": exported, "e2e/mine.spec.mts": ownTest.esm },
    "e2e/xmtp-example.spec.mts",
  ],
  cts: [
    { ...esm, "playwright.config.cts": exported, "e2e/mine.spec.ts": ownTest.esm },
    "e2e/xmtp-example.spec.ts",
  ],
  js: [
    { ...esm, "playwright.config.js": exported, "e2e/mine.spec.js": ownTest.esm },
    "e2e/xmtp-example.spec.js",
  ],
  "js in CommonJS": [
    { ...commonjs, "playwright.config.js": required, "e2e/mine.spec.js": ownTest.commonjs },
    "e2e/xmtp-example.spec.mjs",
  ],
  mjs: [
    { ...commonjs, "playwright.config.mjs": exported, "e2e/mine.spec.js": ownTest.commonjs },
    "e2e/xmtp-example.spec.mjs",
  ],
  cjs: [
    { ...esm, "playwright.config.cjs": required, "e2e/mine.spec.js": ownTest.esm },
    "e2e/xmtp-example.spec.js",
  ],
};

for (const [kind, [files, added]] of Object.entries(kinds)) {
  test(`init keeps a config.${kind}: the user's tests and the example run`, async ({ start }, testInfo) => {
    const dir = testInfo.outputPath("project");
    await project(dir, files);
    const init = start(["init"], dir);
    expect(await init.ended, init.output).toBe(0);
    const config = Object.keys(files).find((name) => name.startsWith("playwright.config")) ?? "";
    expect(await readFile(join(dir, config), "utf8")).toBe(files[config]);
    expect(init.output).toContain(`kept  ${config}: it is yours`);
    expect(init.output).toContain(`wrote ${added}`);
    expect(await outcomes(dir)).toEqual([example, mine]);
  });
}

test("a config with projects gets the line to add, and that line works", async ({ start }, testInfo) => {
  const dir = testInfo.outputPath("project");
  const config = `// testDir: "nowhere"\nexport default { projects: [{ name: "chromium", testDir: "./e2e" }] };\n`;
  await project(dir, { ...esm, "playwright.config.ts": config, "e2e/mine.spec.ts": ownTest.esm });
  const init = start(["init"], dir);
  expect(await init.ended, init.output).toBe(0);
  expect(await outcomes(dir)).toEqual([mine]);

  const [, line = ""] = /projects: \[ …, (\{.*\})\]/.exec(init.output) ?? [];
  await writeFile(join(dir, "playwright.config.ts"), config.replace('e2e" }]', `e2e" }, ${line}]`));
  expect(await outcomes(dir)).toEqual([example, mine]);
});

/** Projects without a config: what is written, and that it runs. */
const fresh: Record<string, [files: Record<string, string>, config: string, example: string]> = {
  "TypeScript and ESM": [{ ...esm, "tsconfig.json": "{}" }, "playwright.config.ts", "tests/example.spec.ts"],
  "TypeScript and CommonJS": [
    { ...commonjs, "tsconfig.json": "{}" },
    "playwright.config.mts",
    "tests/example.spec.mts",
  ],
  "JavaScript and ESM": [{ ...esm, "index.js": "" }, "playwright.config.js", "tests/example.spec.js"],
  "JavaScript and CommonJS": [
    { ...commonjs, "src/index.js": "" },
    "playwright.config.mjs",
    "tests/example.spec.mjs",
  ],
};

for (const [kind, [files, config, added]] of Object.entries(fresh)) {
  test(`init in a project of ${kind} writes what runs there`, async ({ start }, testInfo) => {
    const dir = testInfo.outputPath("project");
    await project(dir, files);
    const init = start(["init"], dir);
    expect(await init.ended, init.output).toBe(0);
    expect(init.output).toContain(`wrote ${config}`);
    expect(init.output).toContain(`wrote ${added}`);
    expect(await outcomes(dir)).toEqual([example]);
  });
}

test("init extends a .gitignore by what is missing, and only once", async ({ start }, testInfo) => {
  const dir = testInfo.outputPath("project");
  await project(dir, { ...esm, ".gitignore": "node_modules\n/test-results/\nmine" });
  for (const round of [1, 2]) {
    const init = start(["init"], dir);
    expect(await init.ended, `round ${round}: ${init.output}`).toBe(0);
    expect(await readFile(join(dir, ".gitignore"), "utf8")).toBe(
      "node_modules\n/test-results/\nmine\nplaywright-report/\nblob-report/\nxmtp-report/\n",
    );
  }
});

for (const dir of ["/proc/nope/here", "/dev/null/here"]) {
  test(`init refuses ${dir}, which cannot be made`, async ({ start }) => {
    const init = start(["init", `--dir=${dir}`]);
    expect(await init.ended).toBe(1);
    expect(init.output).toMatch(new RegExp(`^INVALID_OPTION: --dir is "${dir}", which cannot be made`));
  });
}
