import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { isFree } from "../cli/command.js";
import { runInlineTest } from "../inline-project.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The TypeScript blocks of a page. */
function blocks(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
}

const isConfig = (code = ""): boolean => code.startsWith("// playwright.config.ts\n");
const isTest = (code: string): boolean => code.includes("test(");

/** The TypeScript examples of a page that are whole files. A config's own test, after it, is not among them. */
function examples(page: string): string[] {
  return blocks(page).filter((code, at, all) => isTest(code) && !isConfig(all[at - 1]));
}

/** The configs of a page, with the test that follows each. */
function configured(page: string): { config: string; spec: string }[] {
  return blocks(page).flatMap((config, at, all) => {
    const spec = all[at + 1] ?? "";
    return isConfig(config) && isTest(spec) ? [{ config, spec }] : [];
  });
}

const read = (name: string): string => readFileSync(join(root, name), "utf8");
/** The agents of the examples: any will do that sends back what it hears. */
const agents = { "bot.mjs": read("tests/chaos/bots/echo.mjs"), "echo-bot.ts": read("examples/echo-bot.ts") };

for (const page of pages) {
  const snippets = examples(page);
  if (snippets.length === 0) continue;
  test(`the examples of ${page} run`, async () => {
    test.setTimeout(180_000);
    const files = Object.fromEntries(snippets.map((code, at) => [`example-${at + 1}.spec.ts`, code]));
    const run = await runInlineTest({ ...files, ...agents }, { timeoutMs: 150_000 });
    expect(run.errors).toEqual([]);
    expect(run).toMatchObject({ exitCode: 0, failed: 0 });
    expect(run.passed).toBeGreaterThanOrEqual(snippets.length);
  });
}

for (const page of pages) {
  for (const { config, spec } of configured(page)) {
    test(`a config of ${page} runs with the test after it`, async () => {
      for (const port of [5556, 5557, 5558])
        test.skip(!(await isFree(port)), `port ${port}, where the SDKs look for a local node, is taken`);
      const run = await runInlineTest({ "playwright.config.ts": config, "example.spec.ts": spec, ...agents });
      expect(run.errors).toEqual([]);
      expect(run).toMatchObject({ exitCode: 0, passed: 1, failed: 0 });
    });
  }
}

test("no example has `await using`: Playwright's cache of one Node would break it on an older one", () => {
  const found = pages.filter((page) => examples(page).some((code) => /\bawait using\b/.test(code)));
  expect(pages.length).toBeGreaterThan(5);
  expect(found).toEqual([]);
});

test("the front door is there: a README with a test, two commands and a picture", () => {
  const readme = read("README.md");
  expect(examples("README.md").length).toBeGreaterThan(0);
  expect(readme).toMatch(/^```sh\n.*\n.*\n```$/m);
  expect(readme).toMatch(/!\[[^\]]+\]\(docs\/img\/report\.png\)/);
});

test("every error code in the sources is documented", () => {
  const documented = ["README.md", "docs/errors.md"].map(read).join("\n");
  const sources = [
    ...readdirSync(join(root, "src"), { recursive: true }),
    ...readdirSync(join(root, "fixtures")).map((name) => `../fixtures/${name}`),
  ]
    .map(String)
    .filter((name) => name.endsWith(".ts"));
  const codes = new Set<string>();
  for (const name of sources) {
    const text = read(join("src", name));
    for (const [, code] of text.matchAll(/new XmtpTestError\(\s*"([A-Z_]+)"/g)) if (code) codes.add(code);
  }
  expect(codes.size).toBeGreaterThan(20);
  expect([...codes].filter((code) => !documented.includes(`\`${code}\``)).sort()).toEqual([]);
});
