import type { Page } from "@playwright/test";
import { expect, typeofStream } from "playwright-xmtp";
import type { PartyLine } from "playwright-xmtp";
import { serveApp } from "../../examples/serve-web-app.js";
import { browser as executablePath, missing } from "../../scripts/chromium.mjs";
import { test as base } from "../support/place.js";

/** Browsers are slow on a busy machine; a deadline, not a wait. */
const soon = { timeout: 30_000 };

const test = base.extend<object, { visitor: { readonly line: PartyLine; readonly page: Page } }>({
  visitor: [
    async ({ browser, xmtp }, use, { project, workerIndex }) => {
      await using app = await serveApp(`${project.outputDir}/visitor-app-${workerIndex}`);
      const context = await browser.newContext();
      const line = await xmtp.connectPage(context, "visitor");
      const page = await context.newPage();
      // The app is on its default, the public production network.
      await page.goto(app.url);
      await expect(page.getByLabel("inbox")).toHaveText(/^[0-9a-f]{64}$/, soon);
      await use({ line, page });
      await context.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

test.use({ launchOptions: { executablePath } });
test.skip(missing !== undefined, missing);
test.describe.configure({ mode: "default", timeout: 120_000 });

const inboxes: string[] = [];
const earlier: string[] = [];

for (const round of ["one", "two"]) {
  test(`round ${round}: a page of the process talks, under a fault of this test`, async ({
    visitor: { line, page },
    alice,
    chaos,
    ledger,
    place,
  }) => {
    const inboxId = await page.getByLabel("inbox").innerText();
    inboxes.push(inboxId);
    // What goes over a line only the embedded node sees.
    expect(line.inboxId).toBe(place.node ? inboxId : "");
    await alice.startStream(typeofStream.Message);
    const group = await alice.createGroup([inboxId]);
    await group.sendText(`hello ${round}`);
    const heard = page.getByLabel("messages").getByRole("listitem");
    await expect(heard.filter({ hasText: `hello ${round}` })).toHaveCount(1, soon);

    const slow = await chaos.latency("visitor", 200);
    expect(slow.evidence.get("visitor")).toContain("400.0 ms expected");
    await page.getByLabel("message", { exact: true }).fill(`from the page: ${round}`);
    await page.getByRole("button", { name: "Send" }).click();
    await expect(alice).toHaveReceivedExactlyOnce(`from the page: ${round}`, soon);
    // What it did in another test is in that test's ledger.
    const published = ledger.events.flatMap((event) =>
      event.kind === "line" && event.worker === "visitor" && event.what === "published" && !event.commit
        ? [event.conversationId]
        : [],
    );
    expect(published.filter((id) => id === group.id)).toHaveLength(place.node ? 1 : 0);
    expect(published.filter((id) => earlier.includes(id))).toEqual([]);
    earlier.push(group.id);
  });
}

test("a page is one party's, of the process or of the test", async ({
  visitor: { page },
  xmtp,
  connectPage,
  context,
}) => {
  expect(new Set(inboxes).size, "one page for all tests").toBeLessThanOrEqual(1);
  const visited = page.context();
  await expect(connectPage(visited, "guest")).rejects.toThrow('The page is connected as "visitor" already.');
  await expect(xmtp.connectPage(visited, "guest")).rejects.toThrow('connected as "visitor" already.');
  await expect(xmtp.connectPage(context, "visitor")).rejects.toThrow('A page is connected as "visitor"');
  await expect(connectPage(context, "visitor")).rejects.toMatchObject({ code: "PARTY_CONFLICT" });
  await expect(xmtp.connectPage("page" as never, "guest")).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  await expect(xmtp.connectPage(context, "no/name")).rejects.toMatchObject({ code: "INVALID_NAME" });
});
