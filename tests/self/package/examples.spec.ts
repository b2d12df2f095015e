import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@playwright/test";
import { browser, missing } from "../../../scripts/chromium.mjs";
import { root, test } from "./consumer.js";

const run = promisify(execFile);
const packages = ["@playwright", "@xmtp", "viem", "vite"];

test("the tarball's agent and its web app run in a project of somebody's own", async ({
  consumer,
  tarball,
}) => {
  test.skip(missing !== undefined, missing);
  // Six tests with a process or a browser each, on a machine that may be busy.
  test.setTimeout(480_000);
  await run("tar", ["-xzf", tarball, "-C", consumer.dir, "--strip-components=1", "package/examples"]);
  await mkdir(join(consumer.dir, "node_modules"), { recursive: true });
  await symlink(root, join(consumer.dir, "node_modules/playwright-xmtp"));
  for (const name of packages)
    await symlink(join(root, "node_modules", name), join(consumer.dir, "node_modules", name));
  await consumer.write({
    "package.json": '{ "type": "module" }',
    "playwright.config.ts": `import config from "./examples/playwright.config.js";
export default { ...config, testDir: "examples", timeout: 120_000, workers: 1, reporter: "list",
  use: { launchOptions: { executablePath: ${JSON.stringify(browser)} } } };
`,
  });
  const names = ["examples/agent.spec.ts", "examples/agent-in-process.spec.ts", "examples/browser.spec.ts"];
  const ended = await consumer.run("npx", ["playwright", "test", ...names]);
  expect(ended, ended.output).toMatchObject({ exitCode: 0 });
  expect(ended.output).toContain("6 passed");
});
