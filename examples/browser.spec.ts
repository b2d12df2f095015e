/** A web app on `@xmtp/browser-sdk` in a real page, with a worker as the other side. */
import { expect, test as base, typeofStream } from "playwright-xmtp";
import { browser, missing } from "../scripts/chromium.mjs";
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

// Playwright's own browser needs neither line: `npx playwright install chromium`.
test.use({ launchOptions: { executablePath: browser } });
test.skip(missing !== undefined, missing);

test("a page and a worker talk in one group", async ({ page, app, alice, network }) => {
  const { url, historyUrl } = network;
  await page.addInitScript((options) => Object.assign(globalThis, { xmtpOptions: options }), {
    env: "local",
    apiUrl: url,
    historySyncUrl: historyUrl,
  });
  await page.goto(app);
  // A browser compiles 11 MB of WebAssembly first, which takes seconds on a busy machine.
  await expect(page.getByLabel("inbox")).toHaveText(/^[0-9a-f]{64}$/, { timeout: 30_000 });
  const inboxId = await page.getByLabel("inbox").innerText();

  await alice.startStream(typeofStream.Message);
  const group = await alice.client.conversations.createGroup([inboxId]);
  await group.sendText("hello page");
  await expect(page.getByLabel("messages").getByRole("listitem")).toHaveText(["hello page"]);

  await page.getByLabel("message", { exact: true }).fill("hello alice");
  await page.getByRole("button", { name: "Send" }).click();
  await alice.collectMessages(group.id, 1, { senderInboxId: inboxId, content: "hello alice" });
  await expect(alice).toHaveReceivedExactlyOnce("hello alice");
});
