/** A web app on `@xmtp/browser-sdk` in a real page, with a worker as the other side. */
import { existsSync } from "node:fs";
import { expect, test as base, typeofStream } from "playwright-xmtp";
import { serveApp } from "./serve-web-app.js";

const test = base.extend<object, { app: string }>({
  app: [
    async ({}, use, workerInfo) => {
      const outDir = `${workerInfo.project.outputDir}/web-app-${workerInfo.workerIndex}`;
      await using app = await serveApp(outDir);
      await use(app.url);
    },
    { scope: "worker" },
  ],
});

test.skip(
  ({ playwright, launchOptions }) =>
    !existsSync(launchOptions.executablePath ?? playwright.chromium.executablePath()),
  "no Chromium here: npx playwright install chromium",
);

test("a page and a worker talk in one group, and the page's line is slow", async ({
  page,
  connectPage,
  app,
  alice,
  chaos,
}) => {
  // The app is as it is in production: what it asks of any XMTP network goes over carol's line.
  const carol = await connectPage(page, "carol");
  await page.goto(app);
  // A browser compiles 11 MB of WebAssembly first, which takes seconds on a busy machine.
  await expect(page.getByLabel("inbox")).toHaveText(/^[0-9a-f]{64}$/, { timeout: 30_000 });

  await alice.startStream(typeofStream.Message);
  const group = await alice.createGroup([carol]);
  await group.sendText("hello page");
  const messages = page.getByLabel("messages").getByRole("listitem");
  await expect(messages).toHaveText(["hello page"], { timeout: 15_000 });

  await chaos.latency(carol, 200);
  await page.getByLabel("message", { exact: true }).fill("hello alice");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(alice).toHaveReceivedExactlyOnce("hello alice", { timeout: 15_000 });
});
