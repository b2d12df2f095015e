import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { developed, must, playwright, test } from "./project.js";
import type { Consumer } from "./project.js";

test.describe.configure({ mode: "default", timeout: 600_000 });
test.skip(!process.env["CI_FULL"], "installs managers and projects: CI_FULL=1 does");

/** The managers as npm has them, by what starts each. */
const managers = {
  pnpm: ["pnpm@10.34.8", "pnpm/bin/pnpm.cjs"],
  yarn1: ["yarn@1.22.22", "yarn/bin/yarn.js"],
  yarn4: ["@yarnpkg/cli-dist@4.18.1", "@yarnpkg/cli-dist/bin/yarn.js"],
} as const;

/** Installs a manager in a folder of its own. @returns the file that Node starts it by */
async function manager(consumer: Consumer, name: keyof typeof managers): Promise<string> {
  const [spec, file] = managers[name];
  const below = `manager-${name}`;
  await consumer.write({ [`${below}/package.json`]: '{ "private": true }' });
  await must(consumer, below, "npm", "install", spec);
  return join(consumer.dir, below, "node_modules", file);
}

async function project(
  consumer: Consumer,
  name: string,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const all = { "package.json": '{ "name": "app", "private": true, "type": "module" }', ...files };
  await consumer.write(
    Object.fromEntries(Object.entries(all).map(([file, text]) => [`${name}/${file}`, text])),
  );
}

test("pnpm: install, init, test", async ({ consumer, tarball }) => {
  const pnpm = await manager(consumer, "pnpm");
  await project(consumer, "pnpm");
  await must(consumer, "pnpm", "node", pnpm, "add", "-D", tarball, playwright, developed);
  expect(existsSync(join(consumer.dir, "pnpm/node_modules/.pnpm"))).toBe(true);
  const init = await must(consumer, "pnpm", "node", pnpm, "exec", "playwright-xmtp", "init");
  expect(init.output).not.toContain("override");
  const run = await must(consumer, "pnpm", "node", pnpm, "exec", "playwright", "test");
  expect(run.output).toContain("1 passed");
  await rm(join(consumer.dir, "pnpm"), { recursive: true });
});

test("yarn 1: install, init, test; on a Node that the SDK does not ask for, yarn says so", async ({
  consumer,
  tarball,
}) => {
  const yarn = await manager(consumer, "yarn1");
  await project(consumer, "yarn1");
  const add = ["add", "--dev", `file:${tarball}`, playwright, developed];
  if (Number(process.versions.node.split(".")[0]) < 22) {
    const refused = await consumer.run("node", [yarn, ...add], "yarn1");
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toMatch(
      /@xmtp\/node-\w+@[\d.]+: The engine "node" is incompatible .* Expected version ">=22"/,
    );
    add.push("--ignore-engines");
  }
  await must(consumer, "yarn1", "node", yarn, ...add);
  await must(consumer, "yarn1", "node", yarn, "run", "playwright-xmtp", "init");
  const run = await must(consumer, "yarn1", "node", yarn, "run", "playwright", "test");
  expect(run.output).toContain("1 passed");
  await rm(join(consumer.dir, "yarn1"), { recursive: true });
});

/** A project of its own, whatever lies above, and in a folder that yarn 4 may fill. */
const yarn4 = (linker: string): Record<string, string> => ({
  "yarn.lock": "",
  ".yarnrc.yml": `nodeLinker: ${linker}\nenableGlobalCache: false\nenableTelemetry: false\nenableScripts: false\n`,
});

test("yarn 4 with node_modules: install, init, test", async ({ consumer, tarball }) => {
  const yarn = await manager(consumer, "yarn4");
  await project(consumer, "yarn4", yarn4("node-modules"));
  await must(
    consumer,
    "yarn4",
    "node",
    yarn,
    "add",
    "-D",
    `playwright-xmtp@file:${tarball}`,
    playwright,
    developed,
  );
  await must(consumer, "yarn4", "node", yarn, "run", "playwright-xmtp", "init");
  const run = await must(consumer, "yarn4", "node", yarn, "run", "playwright", "test");
  expect(run.output).toContain("1 passed");
  await rm(join(consumer.dir, "yarn4"), { recursive: true });
});

test("yarn 4 with Plug'n'Play is refused by name: by init, by the config, by a worker", async ({
  consumer,
  tarball,
}) => {
  const yarn = await manager(consumer, "yarn4");
  await project(consumer, "pnp", {
    ...yarn4("pnp"),
    "tests/hello.spec.mjs":
      'import { test } from "playwright-xmtp";\ntest("hello", async ({ alice }) => void alice);\n',
  });
  await must(
    consumer,
    "pnp",
    "node",
    yarn,
    "add",
    "-D",
    `playwright-xmtp@file:${tarball}`,
    playwright,
    developed,
  );
  const refused =
    /PLUG_N_PLAY: .*Plug'n'Play.* Write nodeLinker: node-modules into \.yarnrc\.yml, then run: yarn install/;
  const run = async (...args: string[]): Promise<string> =>
    (await consumer.run("node", [yarn, "run", ...args], "pnp")).output;
  expect(await run("playwright-xmtp", "init")).toMatch(refused);
  expect(await run("playwright", "test")).toMatch(refused);
  await consumer.write({
    "pnp/playwright.config.mjs": `import { xmtpReporter } from "playwright-xmtp/reporter";
export default { reporter: [["list"], xmtpReporter()] };
`,
  });
  expect(await run("playwright", "test")).toMatch(refused);
  await rm(join(consumer.dir, "pnp"), { recursive: true });
});
