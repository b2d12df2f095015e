import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { copiesOf, root, test } from "./consumer.js";

// One process installs once; the later tests use what the first one installed.
test.describe.configure({ mode: "serial", timeout: 240_000 });

const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  devDependencies: Record<string, string>;
};
const config = `import { defineConfig } from "@playwright/test";
import { xmtpReporter } from "playwright-xmtp/reporter";
export default defineConfig({ testDir: ".", reporter: [["list"], xmtpReporter()] });
`;
const hello = `test("hello", async ({ alice, bob }) => {
  await bob.worker.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("hello");
  await expect(bob).toHaveReceivedExactlyOnce("hello");
  expect(noLoss(bob.worker.events.events).oracle).toBe("noLoss");
});
`;

test("three commands from nothing to a green test and an HTML report", async ({ consumer, tarball }) => {
  const playwright = `@playwright/test@${process.env["PLAYWRIGHT_VERSION"] ?? devDependencies["@playwright/test"]}`;
  const sdk = `@xmtp/node-sdk@${devDependencies["@xmtp/node-sdk"]}`;
  const install = await consumer.run("npm", ["install", "--save-dev", tarball, playwright, sdk]);
  expect(install, install.output).toMatchObject({ exitCode: 0 });
  const init = await consumer.run("npx", ["playwright-xmtp", "init"]);
  expect(init, init.output).toMatchObject({ exitCode: 0 });
  expect(init.output).toMatch(/wrote an override into package\.json: one copy .*\n\nNow run: npm install &&/);
  const run = await consumer.run("npx", ["playwright", "test"]);
  expect(run, run.output).toMatchObject({ exitCode: 0 });

  expect(run.output).toContain("1 passed");
  const [html, page] = ["playwright-report", "xmtp-report"].map((folder) =>
    readFileSync(join(consumer.dir, folder, "index.html"), "utf8"),
  );
  expect(html).toContain("<!DOCTYPE html>");
  expect(page).toContain("exactly once");
});

test("an ESM project runs it", async ({ consumer }) => {
  await consumer.write({
    "esm/package.json": `{ "type": "module" }`,
    "esm/playwright.config.ts": config,
    "esm/hello.spec.mjs": `import { expect, test, typeofStream } from "playwright-xmtp";
import { noLoss } from "playwright-xmtp/oracles";
${hello}`,
  });
  const run = await consumer.run("npx", ["playwright", "test"], "esm");
  expect(run.output).toContain("1 passed");
  expect(run.exitCode).toBe(0);
});

test("a CommonJS project runs it, with require", async ({ consumer }) => {
  await consumer.write({
    "cjs/package.json": `{ "type": "commonjs" }`,
    "cjs/playwright.config.ts": config,
    "cjs/hello.spec.cjs": `const { expect, test, typeofStream } = require("playwright-xmtp");
const { noLoss } = require("playwright-xmtp/oracles");
${hello}`,
  });
  const run = await consumer.run("npx", ["playwright", "test"], "cjs");
  expect(run.output).toContain("1 passed");
  expect(run.exitCode).toBe(0);
});

test("its types hold: right use compiles, wrong use does not", async ({ consumer }) => {
  await consumer.write({
    "types/package.json": `{ "type": "module" }`,
    "types/tsconfig.json": `{ "compilerOptions": { "module": "nodenext", "target": "es2022", "strict": true,
  "declaration": true, "outDir": "out", "skipLibCheck": true, "types": [] } }`,
    "types/right-and-wrong.spec.ts": readFileSync(join(import.meta.dirname, "consumer-types.txt"), "utf8"),
  });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const checked = await consumer.run(process.execPath, [tsc, "-p", "."], "types");
  expect(checked.output).toBe("");
  expect(checked.exitCode).toBe(0);
});

test("the next install leaves one copy of the SDK's native part, and the test passes", async ({
  consumer,
}) => {
  const bindings = (): string[] => copiesOf("@xmtp/node-bindings", consumer.dir);
  // Two, one of them for types alone: what node-sdk 5.5 brings where npm is not told otherwise.
  expect(bindings()).toHaveLength(2);
  const install = await consumer.run("npm", ["install"]);
  expect(install, install.output).toMatchObject({ exitCode: 0 });
  expect(bindings()).toEqual(["node_modules/@xmtp/node-bindings"]);
  const run = await consumer.run("npx", ["playwright", "test"]);
  expect(run, run.output).toMatchObject({ exitCode: 0 });
});

test("nothing of it is installed twice", ({ consumer }) => {
  for (const name of ["@playwright/test", "playwright", "@xmtp/node-sdk"]) {
    expect(existsSync(join(consumer.dir, "node_modules", name))).toBe(true);
    expect(existsSync(join(consumer.dir, "node_modules/playwright-xmtp/node_modules", name))).toBe(false);
  }
});

test("viem comes with nobody; whoever names a chain is told to install it", async ({ consumer }) => {
  expect(existsSync(join(consumer.dir, "node_modules/viem"))).toBe(false);
  await consumer.write({
    "chain.mjs": `import { startNode } from "playwright-xmtp/network";
await startNode({ chainRpcUrls: {} }).then((node) => node.close());
await startNode({ chainRpcUrls: { "eip155:31337": "http://127.0.0.1:1" } });
`,
  });
  const run = await consumer.run(process.execPath, ["chain.mjs"]);
  expect(run.exitCode, run.output).not.toBe(0);
  expect(run.output).toContain("chainRpcUrls needs the package viem, which is not installed.");
  expect(run.output).toContain("npm install --save-dev viem");
});
