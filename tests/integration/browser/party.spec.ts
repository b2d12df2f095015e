import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { expect, typeofStream } from "playwright-xmtp";
import type { TestLedger } from "playwright-xmtp";
import { browser as executablePath, missing } from "../../../scripts/chromium.mjs";
import { test } from "./fixtures.js";
import { browserSdks, installBrowserSdks } from "./sdks.js";

test.use({ launchOptions: { executablePath } });
test.skip(missing !== undefined, missing);
test.describe.configure({ timeout: 180_000 });

/** Browsers are slow on a busy machine; a deadline, not a wait. */
const soon = { timeout: 20_000 };

const defaults = [
  { said: "its default, the public production network", options: null },
  { said: "the public dev network", options: { env: "dev" } },
  { said: "a local node", options: { env: "local" } },
  { said: "a node of its own URL", options: { env: "local", apiUrl: "http://xmtp.invalid:1" } },
];

for (const { said, options } of defaults) {
  test(`an app on ${said} is led over the page's line, streams included`, async ({
    page,
    connectPage,
    openApp,
    alice,
  }) => {
    const carol = await connectPage(page, "carol");
    const app = await openApp(page, options);
    expect(carol.inboxId).toBe(app.inboxId);
    await alice.startStream(typeofStream.Message);
    const group = await alice.createGroup([carol]);
    await group.sendText("hello carol");
    await expect.poll(app.heard, soon).toEqual(["hello carol"]);
    await app.say("hello alice");
    await expect(alice).toHaveReceivedExactlyOnce("hello alice", soon);
  });
}

test.describe("each major line", () => {
  test.beforeAll(() => {
    test.setTimeout(300_000);
    installBrowserSdks();
  });

  for (const sdk of browserSdks) {
    test(`latency and a cut act on a page of browser-sdk ${sdk}: its calls, its streams, and the proofs say so`, async ({
      page,
      connectPage,
      openApp,
      alice,
      chaos,
      ledger,
    }, testInfo) => {
      const carol = await connectPage(page, "carol");
      const app = await openApp(page, null, sdk);
      await alice.startStream(typeofStream.Message);
      const group = await alice.createGroup([carol]);
      await group.sendText("hello carol");
      await expect.poll(app.heard, soon).toEqual(["hello carol"]);
      const open = () => openStreams(ledger, "carol");
      const call = () => callFrom(page, "http://localhost:5557");

      const slow = await chaos.latency(carol, 400);
      expect(slow.evidence.get("carol")).toContain("800.0 ms expected");
      const slowed = await call();
      expect(slowed.how).toBe("HTTP 405");
      expect(slowed.ms, "400 ms each way").toBeGreaterThanOrEqual(800);
      testInfo.annotations.push({
        type: "figures",
        description: `${slow.evidence.get("carol")}; a call of the page took ${slowed.ms.toFixed(1)} ms`,
      });
      await app.say("slowly");
      await expect(alice).toHaveReceivedExactlyOnce("slowly", soon);
      await slow.lift();

      await expect.poll(open, soon).toBe(2);
      const cut = await chaos.cut("carol");
      expect(cut.evidence.get("carol")).toContain("ECONNREFUSED");
      await expect.poll(open, soon).toBe(0);
      expect((await call()).how).toBe("TypeError");
      await group.sendText("meanwhile");
      await cut.lift();
      expect((await call()).how).toBe("HTTP 405");
      await app.say("after the cut");
      await expect(alice).toHaveReceivedExactlyOnce("after the cut", soon);
      // The SDK subscribes again by itself; what was sent in between it does not give out.
      await expect.poll(open, soon).toBe(2);
      await group.sendText("hello again");
      await expect.poll(app.heard, soon).toContain("hello again");
      expect(await app.heard()).not.toContain("meanwhile");
    });
  }
});

test("a black hole, a throttle, a reset and the node's faults act on the page", async ({
  page,
  connectPage,
  openApp,
  alice,
  chaos,
}) => {
  const carol = await connectPage(page, "carol");
  const app = await openApp(page, { env: "local" });
  await alice.startStream(typeofStream.Message);
  const group = await alice.createGroup([carol]);
  await group.sendText("hello carol");
  await expect.poll(app.heard, soon).toEqual(["hello carol"]);

  const lost = await chaos.node.failCalls(carol, "SendGroupMessages", { code: 14, times: 2 });
  await group.sendText("alice's own calls go through");
  expect(lost.hits("carol")).toBe(0);
  await app.say("two calls fail first");
  expect(lost.hits("carol")).toBe(2);
  await expect(alice).toHaveReceivedExactlyOnce("two calls fail first", soon);

  const dropped = await chaos.node.dropStreams(carol);
  expect(dropped.hits("carol")).toBe(2);
  const slow = await chaos.throttle(carol, 20);
  expect(slow.evidence.get("carol")).toMatch(/\d/);
  await slow.lift();
  const reset = await chaos.reset(carol);
  expect(reset.evidence.get("carol")).toContain("ECONNRESET");
  await reset.lift();
  const hole = await chaos.blackhole(carol);
  expect(hole.evidence.get("carol")).toContain("silent");
  expect((await callFrom(page, "http://localhost:5557", 1_000)).how).toBe("TimeoutError");
  await hole.lift();
  expect((await callFrom(page, "http://localhost:5557")).how).toBe("HTTP 405");
});

for (const each of ["its own line", "the line of their context"]) {
  test(`three pages of one context, on ${each}, do not starve`, async ({
    context,
    connectPage,
    openApp,
    alice,
  }) => {
    const pages = [await context.newPage(), await context.newPage(), await context.newPage()];
    if (each === "its own line") {
      for (const [at, page] of pages.entries()) await connectPage(page, `guest-${at + 1}`);
    } else await connectPage(context, "guests");
    const apps = [];
    for (const page of pages) apps.push(await openApp(page, null));
    await alice.startStream(typeofStream.Message);
    const group = await alice.createGroup(apps.map(({ inboxId }) => inboxId));
    await group.sendText("hello all");
    for (const { heard } of apps) await expect.poll(heard, soon).toEqual(["hello all"]);
    for (const [at, { say }] of apps.entries()) await say(`from page ${at + 1}`);
    await expect(alice).toHaveReceivedInOrder(["from page 1", "from page 2", "from page 3"], soon);
  });
}

test("requests of a service worker go over the line of the context's first party", async ({
  context,
  connectPage,
  chaos,
}) => {
  await using site = await serveSite({
    "/": "<!doctype html><title>site</title>",
    "/sw.js": `self.onmessage = async ({ data, source }) => {
      const answer = await fetch(data).then(({ status }) => "HTTP " + status, ({ name }) => name);
      source.postMessage(answer);
    };`,
  });
  const [first, second] = [await context.newPage(), await context.newPage()];
  await connectPage(first, "first");
  await connectPage(second, "second");
  await second.goto(site.url);
  const call = () =>
    second.evaluate(async (url) => {
      // The types of this project's tests are Node's: a page's own are not among them.
      const { serviceWorker } = (globalThis as unknown as { navigator: { serviceWorker: ServiceWorkers } })
        .navigator;
      await serviceWorker.register("/sw.js");
      const { active } = await serviceWorker.ready;
      return await new Promise<unknown>((resolve) => {
        serviceWorker.onmessage = ({ data }) => resolve(data);
        serviceWorker.startMessages();
        active.postMessage(url);
      });
    }, `http://localhost:5557${method}`);
  expect(await call()).toBe("HTTP 405");
  const other = await chaos.cut("second");
  expect((await callFrom(second, "http://localhost:5557")).how).toBe("TypeError");
  expect(await call()).toBe("HTTP 405");
  await other.lift();
  await chaos.cut("first");
  expect(await call()).toBe("TypeError");
});

test("the check for leaked streams counts the page's port", async ({
  page,
  connectPage,
  openApp,
  network,
  ledger,
}) => {
  await connectPage(page, "carol");
  await openApp(page, null);
  await expect.poll(() => openStreams(ledger, "carol"), soon).toBe(2);
  const streams = () => network.waitForSubscriptions(0, 200, { of: ["carol"] });
  await expect(streams()).rejects.toThrow(/stream of carol/);
  await page.close();
  await network.waitForSubscriptions(0, 15_000, { of: ["carol"] });
});

test("a page is one party, and a name is one party's", async ({
  page,
  context,
  connectPage,
  getWorkers,
  alice,
}) => {
  await connectPage(page, "carol");
  await expect(connectPage(page, "dora")).rejects.toThrow('The page is connected as "carol" already.');
  await expect(connectPage(context, "carol")).rejects.toThrow('A page is connected as "carol" already.');
  await expect(connectPage(context, alice.name)).rejects.toMatchObject({ code: "PARTY_CONFLICT" });
  await expect(getWorkers(["carol"])).rejects.toMatchObject({ code: "PARTY_CONFLICT" });
  await expect(connectPage(context, "no/name")).rejects.toMatchObject({ code: "INVALID_NAME" });
  await expect(connectPage("page" as never, "dora")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("once the test's routes are gone, the page is its own again", async ({ page, connectPage }) => {
  await using site = await serveSite({ "/": "<!doctype html>", [method]: "the site's own" });
  await page.goto(site.url);
  await page.route(`**${method}`, (route) => route.fallback());
  expect((await callFrom(page, site.url)).how).toBe("HTTP 200");
  await connectPage(page, "carol");
  expect((await callFrom(page, site.url)).how).toBe("HTTP 405");
});

const method = "/xmtp.identity.api.v1.IdentityApi/GetInboxIds";

/** What of a page's `navigator.serviceWorker` is used here. */
interface ServiceWorkers {
  readonly ready: Promise<{ readonly active: { postMessage(data: unknown): void } }>;
  register(path: string): Promise<unknown>;
  startMessages(): void;
  onmessage: (event: { readonly data: unknown }) => void;
}

/** How many streams the node has at a page's port. */
function openStreams(ledger: TestLedger, name: string): number {
  const seen = ledger.events.flatMap((event) =>
    event.kind === "line" && event.worker === name ? event.what : [],
  );
  return (
    seen.filter((what) => what === "subscribed").length -
    seen.filter((what) => what === "unsubscribed").length
  );
}

/** A call from the page itself at an address of the SDK: how it ended, and after how many ms of the page's clock. */
function callFrom(page: Page, origin: string, timeoutMs = 15_000): Promise<{ how: string; ms: number }> {
  return page.evaluate(
    async ([url, limit]) => {
      const began = performance.now();
      const how = await fetch(url, { signal: AbortSignal.timeout(limit) }).then(
        ({ status }) => `HTTP ${status}`,
        (error: unknown) => (error instanceof Error ? error.name : "?"),
      );
      return { how, ms: performance.now() - began };
    },
    [new URL(method, origin).href, timeoutMs] as const,
  );
}

/** A web site on the loopback address: a text per path. */
async function serveSite(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(({ url = "/" }, response) => {
    const text = files[url];
    const type = url.endsWith(".js") ? "text/javascript" : "text/html";
    response.writeHead(text === undefined ? 404 : 200, { "content-type": type }).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
