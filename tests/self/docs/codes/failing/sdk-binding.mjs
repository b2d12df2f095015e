// A project whose one SDK lacks its native part. The test fails with the code that is its title.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "playwright-xmtp";

let root;

// Outside this repository, whose node_modules would lend it theirs.
test.beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "playwright-xmtp-"));
  const folder = join(root, "node_modules", "old-sdk");
  await mkdir(folder, { recursive: true });
  const manifest = { name: "@xmtp/node-sdk", version: "3.9.1", exports: "./index.js" };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "index.js"), "");
  process.env["XMTP_SDK_PATH"] = root;
});

test.afterAll(async () => {
  delete process.env["XMTP_SDK_PATH"];
  await rm(root, { recursive: true });
});

test("SDK_BINDING", async ({ getWorkers }) => void (await getWorkers(["alice-a-3.9.1"])));
