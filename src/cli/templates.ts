const configBody = `  testDir: "tests",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: process.env.CI
    ? [["blob"], ["list"]]
    : [["list"], ["html", { open: "never" }], xmtpReporter()],
  // The embedded network is the default; XMTP_ENV or XMTP_API_URL point at a real node.
});
`;

/** The config that `init` writes where there is none. */
export function configText(language: "ts" | "js"): string {
  const typed = language === "ts";
  return `import { defineConfig } from "@playwright/test";
${typed ? 'import type { XmtpOptions, XmtpWorkerOptions } from "playwright-xmtp";\n' : ""}import { xmtpReporter } from "playwright-xmtp/reporter";

export default defineConfig${typed ? "<XmtpOptions, XmtpWorkerOptions>" : ""}({
${configBody}`;
}

/** An example test: it has no types of its own, so it is TypeScript and JavaScript. */
export const exampleText = `import { expect, test, typeofStream } from "playwright-xmtp";

test("bob gets alice's message exactly once", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);

  const dm = await alice.createDm(bob);
  await alice.send(dm, "hello bob");

  await expect(bob).toHaveReceivedExactlyOnce("hello bob");
  await expect([alice, bob]).toHaveConverged(dm.id);
});
`;

/** The CI workflow that `init` writes. @param browser for tests with a page */
export const workflowFor = (browser: boolean): string => `name: playwright
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        shard: [1, 2]
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with: { node-version: 22, cache: npm }
      - run: npm ci
${browser ? "      - run: npx playwright install --with-deps chromium\n" : ""}      - run: npx playwright test --shard=\${{ matrix.shard }}/2
      - uses: actions/upload-artifact@v5
        if: \${{ !cancelled() }}
        with: { name: "blob-report-\${{ matrix.shard }}", path: blob-report }
  report:
    needs: test
    if: \${{ !cancelled() }}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - uses: actions/download-artifact@v5
        with: { path: all-blob-reports, pattern: "blob-report-*", merge-multiple: true }
      - run: npx playwright merge-reports --reporter=html,playwright-xmtp/reporter all-blob-reports
      - uses: actions/upload-artifact@v5
        with:
          name: html-report
          path: |
            playwright-report
            xmtp-report
`;

/** What a run leaves behind. */
export const gitignoreLines = [
  "node_modules/",
  "test-results/",
  "playwright-report/",
  "blob-report/",
  "xmtp-report/",
];

/** What `init` writes into an empty folder of an ESM package, by path. */
export const templates: Readonly<Record<string, string>> = {
  "playwright.config.ts": configText("ts"),
  "tests/example.spec.ts": exampleText,
  ".github/workflows/playwright.yml": workflowFor(false),
};
