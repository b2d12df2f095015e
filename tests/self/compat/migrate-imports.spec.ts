import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { runInlineTest } from "../inline-project.js";

const run = promisify(execFile);
const cli = fileURLToPath(new URL("../../../dist/src/cli/main.js", import.meta.url));

async function migrated(files: Readonly<Record<string, string>>): Promise<{ dir: string; report: string }> {
  const dir = test.info().outputPath("project");
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  const { stdout: report } = await run(process.execPath, [cli, "migrate", dir], { cwd: dir });
  return { dir, report };
}

const two = `const workers = await people(["ann", "ben"]);\n    expect(workers.getAll()).toHaveLength(2);`;

/** Every way to take a name from another module, and both languages. */
const ways = {
  "namespace.test.ts": `import * as vitest from "vitest";
import * as manager from "@workers/manager";
import type * as kinds from "@workers/main";
const { describe, expect } = vitest;
describe("a namespace", () => {
  vitest.it("gives its members", async () => {
    const people = manager.getWorkers;
    let first: kinds.Worker | undefined;
    ${two}
    first = workers.getCreator();
    const other = { manager: 1 };
    expect([first.name, other.manager]).toEqual(["ann", 1]);
  });
});
`,
  "given.ts": `export { getWorkers as people, type WorkerManager } from "@workers/manager";
export * from "../helpers/streams";
`,
  "given-on.spec.ts": `import { describe, expect, it } from "vitest";
import { people, verifyMessageStream, type WorkerManager } from "./given";
describe("a file between", () => {
  it("gives what it was given", async () => {
    const workers: WorkerManager = await people(["ann", "ben"]);
    const group = await workers.createGroupBetweenAll();
    expect((await verifyMessageStream(group, workers.getAllButCreator(), 2)).allReceived).toBe(true);
  });
});
`,
  "dynamic.test.ts": `import { describe, expect, it } from "vitest";
const { getWorkers: people } = await import("@workers/manager");
describe("an import at run time", () => {
  it("gives its members", async () => {
    ${two}
    expect((await import("@helpers/client")).getTime).toBeInstanceOf(Function);
  });
});
`,
  "plain.test.js": `import { describe, expect, it } from "vitest";
import { getWorkers as people, Dm } from "@workers/manager";
import { Whisper } from "@helpers/voice";
describe("JavaScript", () => {
  it("is moved too", async () => {
    ${two}
  });
});
`,
};

test("names that come through namespaces, re-exports and imports at run time are moved, in both languages", async () => {
  test.setTimeout(240_000);
  const { dir, report } = await migrated({ ...ways, "package.json": '{ "type": "module" }' });
  expect(report).toContain("5 files moved, 0 not, 0 had nothing to do.");
  expect(report).not.toContain("note:");
  for (const name of Object.keys(ways)) {
    const text = await readFile(join(dir, name), "utf8");
    expect(text.match(/from "(?!vitest)[^".]*"|import\("[^"]*"\)/g), name).toEqual(
      expect.arrayContaining([expect.stringContaining("playwright-xmtp/compat")]),
    );
    expect(text, name).not.toMatch(/vitest"|@workers|@helpers|helpers\/streams/);
  }
  // The reporter is found in a project that has the package installed, and this folder is in the package itself.
  const config = await readFile(join(dir, "playwright.config.ts"), "utf8");
  await rm(join(dir, "package.json"));
  const outcome = await runInlineTest(
    { "playwright.config.ts": config.replace(', ["playwright-xmtp/reporter"]', "") },
    { timeoutMs: 200_000 },
  );
  expect(outcome.errors, outcome.output).toEqual([]);
  expect(outcome).toMatchObject({ passed: 4, failed: 0 });
});

const body = `describe("one", () => { it("is", async () => { await use(); expect(1).toBe(1); }); });\n`;
const vitest = `import { describe, expect, it } from "vitest";\n`;
const left: Readonly<Record<string, { readonly text: string; readonly says: string }>> = {
  "member-that-is-none": {
    text: `${vitest}import * as voice from "@helpers/voice";\nconst use = () => voice.whisper();\n${body}`,
    says: 'not moved: whisper of "@helpers/voice" has no counterpart',
  },
  "whole-namespace": {
    text: `${vitest}import * as voice from "@helpers/voice";\nconst use = () => Object.keys(voice);\n${body}`,
    says: 'not moved: import * as voice from "@helpers/voice", used as a whole',
  },
  "rest-of-a-namespace": {
    text: `${vitest}import * as main from "@workers/main";\nconst { getWorkers, ...use } = main;\n${body}`,
    says: 'not moved: import * as main from "@workers/main", used as a whole',
  },
  "spy-of-a-namespace": {
    text: `import * as v from "vitest";\nconst use = v.vi.fn();\nv.describe("one", () => { v.it("is", () => use()); });\n`,
    says: 'not moved: vi of "vitest" has no counterpart',
  },
  "worker-outside-by-a-namespace": {
    text: `${vitest}import * as m from "@workers/manager";\nconst use = await m.getWorkers(2);\n${body}`,
    says: "not moved: getWorkers() outside of a describe",
  },
  "given-name-that-is-none": {
    text: `${vitest}export { whisper } from "@helpers/voice";\nconst use = () => 1;\n${body}`,
    says: 'not moved: whisper of "@helpers/voice" has no counterpart',
  },
  "given-namespace": {
    text: `${vitest}export * as voice from "@helpers/voice";\nconst use = () => 1;\n${body}`,
    says: 'not moved: export * as … from "@helpers/voice"',
  },
  "import-as-a-whole": {
    text: `${vitest}const use = async () => Object.keys(await import("@helpers/voice"));\n${body}`,
    says: 'not moved: import("@helpers/voice")',
  },
  "import-without-await": {
    text: `${vitest}const use = () => import("@helpers/client").then((one) => one.getTime());\n${body}`,
    says: 'not moved: import("@helpers/client")',
  },
  "imported-name-that-is-none": {
    text: `${vitest}const use = async () => (await import("@helpers/voice")).whisper();\n${body}`,
    says: 'not moved: whisper of "@helpers/voice" has no counterpart',
  },
  "by-require": {
    text: `${vitest}const { getWorkers: use } = require("@workers/manager");\n${body}`,
    says: 'not moved: require("@workers/manager")',
  },
  "behind-one-that-stays": {
    text: `${vitest}export { use } from "./given-name-that-is-none.test";\nconst { use: own } = { use: () => 1 };\n${body.replace("use()", "own()")}`,
    says: "not moved: it imports ./given-name-that-is-none.test, which was not moved",
  },
};

test("what cannot be told apart there is named, and left as it is", async () => {
  const files = Object.fromEntries(Object.entries(left).map(([name, { text }]) => [`${name}.test.ts`, text]));
  const javascript = `${vitest}import { Dm } from "@workers/manager";\nconst use = () => new Dm();\n${body}`;
  const { dir, report } = await migrated({ ...files, "type.test.mjs": javascript, "package.json": "{}" });
  for (const [name, { text, says }] of Object.entries(left)) {
    const [, block = ""] =
      new RegExp(`^${name}\\.test\\.ts: not moved((?:\\n {2}.*)*)`, "m").exec(report) ?? [];
    expect
      .soft(
        block
          .trim()
          .split("\n")
          .map((line) => line.trim()),
        name,
      )
      .toEqual([says]);
    expect.soft(await readFile(join(dir, `${name}.test.ts`), "utf8"), name).toBe(text);
  }
  expect(report).toContain(
    'type.test.mjs: not moved\n  not moved: Dm of "@workers/manager" has no counterpart',
  );
  const config = await readFile(join(dir, "playwright.config.ts"), "utf8");
  for (const name of [...Object.keys(files), "type.test.mjs"]) expect.soft(config).toContain(`"**/${name}"`);
});
