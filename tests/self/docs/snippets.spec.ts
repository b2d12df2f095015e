import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { runInlineTest } from "../inline-project.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The TypeScript examples of a page that are whole files. */
function examples(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map(([, code = ""]) => code)
    .filter((code) => code.includes("test("));
}

for (const page of pages) {
  const snippets = examples(page);
  if (snippets.length === 0) continue;
  test(`the examples of ${page} run`, async () => {
    test.setTimeout(180_000);
    const files = Object.fromEntries(snippets.map((code, at) => [`example-${at + 1}.spec.ts`, code]));
    // The agent that README launches: any bot will do that sends back what it hears.
    const bot = readFileSync(join(root, "tests/chaos/bots/echo.mjs"), "utf8");
    const run = await runInlineTest({ ...files, "bot.mjs": bot }, { timeoutMs: 150_000 });
    expect(run.errors).toEqual([]);
    expect(run).toMatchObject({ exitCode: 0, failed: 0 });
    expect(run.passed).toBeGreaterThanOrEqual(snippets.length);
  });
}

test("no example has `await using`: Playwright's cache of one Node would break it on an older one", () => {
  const found = pages.filter((page) => examples(page).some((code) => /\bawait using\b/.test(code)));
  expect(pages.length).toBeGreaterThan(5);
  expect(found).toEqual([]);
});

test("the front door is there: a README with a test, two commands and a picture", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(examples("README.md").length).toBeGreaterThan(0);
  expect(readme).toMatch(/^```sh\n.*\n.*\n```$/m);
  expect(readme).toMatch(/!\[[^\]]+\]\(docs\/img\/report\.png\)/);
});

test("every error code in the sources is documented", () => {
  const documented = ["README.md", "docs/errors.md"]
    .map((page) => readFileSync(join(root, page), "utf8"))
    .join("\n");
  const sources = [
    ...readdirSync(join(root, "src"), { recursive: true }),
    ...readdirSync(join(root, "fixtures")).map((name) => `../fixtures/${name}`),
  ]
    .map(String)
    .filter((name) => name.endsWith(".ts"));
  const codes = new Set<string>();
  for (const name of sources) {
    const text = readFileSync(join(root, "src", name), "utf8");
    for (const [, code] of text.matchAll(/new XmtpTestError\(\s*"([A-Z_]+)"/g)) if (code) codes.add(code);
  }
  expect(codes.size).toBeGreaterThan(20);
  expect([...codes].filter((code) => !documented.includes(`\`${code}\``)).sort()).toEqual([]);
});
