import { expect, test } from "@playwright/test";
import { browser, missing } from "../../../scripts/chromium.mjs";
import { runInlineTest, specsOf } from "../inline-project.js";

test.skip(missing !== undefined, missing);
test.describe.configure({ timeout: 180_000 });

const config = `export default {
  testDir: ".",
  timeout: 60_000,
  use: { launchOptions: { executablePath: ${JSON.stringify(browser)} } },
};`;

/** A page of the process that asks what no SDK need be there for. */
const visitor = `
  import { createServer } from "node:http";
  import { test, expect } from "playwright-xmtp";
  let context, page, server;
  test.beforeAll(async ({ browser, xmtp }) => {
    server = createServer((_, response) => response.end("<!doctype html>")).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    context = await browser.newContext();
    await xmtp.connectPage(context, "visitor");
    page = await context.newPage();
    await page.goto("http://127.0.0.1:" + server.address().port);
  });
  const ask = (path, port = 5557) =>
    page.evaluate(
      (url) =>
        fetch(url, {
          method: "POST",
          headers: { "content-type": "application/grpc-web+proto" },
          body: new Uint8Array(5),
        }).then(({ status }) => status, ({ name }) => name),
      "http://localhost:" + port + path,
    );
  const subscribe = () => ask("/xmtp.mls.api.v1.MlsApi/SubscribeGroupMessages");
`;

test("a page of the process may stream on between tests; what it leaves open is told by its name", async () => {
  const tests = `
    test("subscribes", async ({ alice }) => { expect(await subscribe()).toBe(200); });
    test("goes on", async ({ alice }) => { expect(await subscribe()).toBe(200); });`;
  const closed = await runInlineTest(
    {
      "playwright.config.ts": config,
      "closed.spec.ts": `${visitor}${tests}
        test.afterAll(async () => { await context.close(); server.close(); });`,
    },
    { folder: "closed" },
  );
  expect(closed.errors).toEqual([]);
  expect(closed).toMatchObject({ exitCode: 0, passed: 2 });

  const open = await runInlineTest(
    { "playwright.config.ts": config, "open.spec.ts": `${visitor}${tests}` },
    { folder: "open" },
  );
  expect(open).toMatchObject({ exitCode: 1, passed: 2 });
  expect(open.errors.join("\n")).toMatch(
    /LEAKED_STREAMS: At the end of visitor: 2 subscriptions .*stream of visitor[^]*End each stream before its owner ends/,
  );
});

test("what a page of the process cannot do fails only the test that it happens in", async () => {
  const run = await runInlineTest({
    "playwright.config.ts": config,
    "old.spec.ts": `${visitor}
      test("before", async () => { expect(await subscribe()).toBe(200); });
      test("the one", async () => { expect(await ask("/mls/v1/x", 5555)).toBe("TypeError"); });
      test("after", async () => { expect(await subscribe()).toBe(200); });
      test.afterAll(async () => { await context.close(); server.close(); });`,
  });
  const specs = run.report ? specsOf(run.report) : [];
  // The failure ends the process; a new one goes on.
  expect(specs.map(({ title, ok }) => `${title} ${String(ok)}`)).toEqual([
    "before true",
    "the one false",
    "after true",
  ]);
  expect(run.errors.join("\n")).toMatch(/PAGE_SDK: The page "visitor" asked for http:\/\/localhost:5555/);
});
