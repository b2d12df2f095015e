import { expect, typeofStream } from "playwright-xmtp";
import { browser as executablePath, missing } from "../../../scripts/chromium.mjs";
import { test } from "./fixtures.js";

test.use({ launchOptions: { executablePath } });
test.skip(missing !== undefined, missing);
test.describe.configure({ timeout: 180_000 });

/** Browsers are slow on a busy machine; a deadline, not a wait. */
const soon = { timeout: 15_000 };

test("two pages and a worker in one group hear each other, in order and once", async ({
  context,
  openApp,
  alice,
  network,
}) => {
  const [one, two] = [await openApp(context), await openApp(context)];
  await alice.worker.startStream(typeofStream.Message);
  const group = await alice.client.conversations.createGroup([one.inboxId, two.inboxId]);
  await group.sendText("from alice 1");
  await group.sendText("from alice 2");
  for (const { heard } of [one, two])
    await expect.poll(heard, soon).toEqual(["from alice 1", "from alice 2"]);

  await one.say("from page one");
  await expect.poll(two.heard, soon).toEqual(["from alice 1", "from alice 2", "from page one"]);
  await two.say("from page two");
  await expect.poll(one.heard, soon).toEqual(["from alice 1", "from alice 2", "from page two"]);
  await alice.worker.collectMessages(group.id, 1, { senderInboxId: one.inboxId, content: "from page one" });
  await alice.worker.collectMessages(group.id, 1, { senderInboxId: two.inboxId, content: "from page two" });
  await expect(alice).toHaveReceivedInOrder(["from page one", "from page two"]);
  await expect(alice).toHaveReceivedExactlyOnce("from page two");

  const subscribed = (await network.stats()).openSubscriptions;
  await two.page.close();
  await network.waitForSubscriptions(subscribed - 2, 5_000);
});

test("Chromium's six connections per host: two pages of a context fit, a third takes the last ones", async ({
  browser,
  context,
  openApp,
  network,
}) => {
  const pages = [await openApp(context), await openApp(context), await openApp(context)];
  // Each client holds two. A page says that it is ready as soon as its own streams are asked for.
  await network.waitForSubscriptions(6, 10_000);
  const ask = () =>
    pages[1]?.page.evaluate(
      (url) =>
        fetch(url, { signal: AbortSignal.timeout(3_000) }).then(
          ({ status }) => `HTTP ${status}`,
          (error: unknown) => (error instanceof Error ? error.name : "?"),
        ),
      network.url,
    );
  expect(await ask(), "no connection left").toBe("TimeoutError");
  await using other = await browser.newContext();
  await openApp(other);
  // A context has connections of its own.
  await network.waitForSubscriptions(8, 10_000);
  await pages[0]?.page.close();
  expect(await ask(), "a closed page's connections are free").toBe("HTTP 405");
});

test("a fault on the page's own port meets its calls alone: it sends again, and is heard once", async ({
  context,
  openApp,
  alice,
  network,
}) => {
  const app = await openApp(context, {
    env: "local",
    apiUrl: await network.openClientPort("page"),
    historySyncUrl: null,
  });
  await alice.worker.startStream(typeofStream.Message);
  const group = await alice.client.conversations.createGroup([app.inboxId]);
  await group.sendText("hello page");
  await expect.poll(app.heard, soon).toEqual(["hello page"]);

  await network.failNext("SendGroupMessages", { code: 14, times: 2, afterStore: true, client: "page" });
  await group.sendText("alice's own calls go through");
  expect(await network.faults()).toMatchObject([{ taken: 0 }]);
  await app.say("the acknowledgement is lost twice");
  expect(await network.faults()).toMatchObject([{ taken: 2, spent: true }]);
  await expect(alice).toHaveReceivedExactlyOnce("the acknowledgement is lost twice");
  await network.closeClientPort("page");
});

test("a page may use the history server: its preflight, upload and download", async ({
  context,
  app,
  network,
}) => {
  const page = await context.newPage();
  await page.goto(app);
  const text = await page.evaluate(async (url) => {
    const upload = await fetch(`${url}/upload`, {
      method: "POST",
      body: "archive",
      headers: { "x-custom": "asks for a preflight" },
    });
    return (await fetch(`${url}/files/${await upload.text()}`)).text();
  }, network.historyUrl);
  expect(text).toBe("archive");
});
