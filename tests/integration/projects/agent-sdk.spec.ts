import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { copiesOf, must, playwright, test, typesAndClient } from "./project.js";
import type { Consumer } from "./project.js";

/** Each row installs a project of its own, some 300 MB, from npm's cache or the registry. */
test.describe.configure({ mode: "default", timeout: 600_000 });
test.skip(!process.env["CI_FULL"], "installs twelve projects: CI_FULL=1 does");

/** Agents by version, and the order in which a project gets them and this package. */
const agents = ["1.1.7", "2.2.0", "2.3.0"];
const orders = ["before", "after"] as const;
/** Where the project lies in the folder that is installed. */
const shapes = { "a flat project": ".", "a workspace": "packages/bot" };

for (const agent of agents)
  for (const order of orders)
    for (const [shape, below] of Object.entries(shapes))
      test(`agent-sdk ${agent} installed ${order} this package, in ${shape}`, async ({
        consumer,
        tarball,
      }) => {
        const row = `${agent}-${order}-${below === "." ? "flat" : "workspace"}`;
        const at = join(row, below);
        await consumer.write(manifests(row, below));
        const agentSdk = ["npm", "install", `@xmtp/agent-sdk@${agent}`];
        const ours = ["npm", "install", "--save-dev", tarball, playwright];
        const steps = order === "before" ? [agentSdk, ours] : [ours, agentSdk];
        for (const [command = "", ...args] of steps) await must(consumer, at, command, ...args);

        const told = await initAndInstall(consumer, at);
        const run = await must(consumer, at, "npx", "playwright", "test");
        expect(run.output).toContain("1 passed");
        const { typed, there, version } = await typesAndClient(consumer, at);
        expect(typed).toEqual(there);

        // A version that the machine cannot load stays with the agent that asks for it; of the rest there is one.
        const withAgent = join("@xmtp", "agent-sdk", "node_modules");
        const copies = copiesOf("@xmtp/node-bindings", join(consumer.dir, row));
        expect(copies.filter((path) => !path.includes(withAgent))).toHaveLength(1);
        if (told === "") expect(copies).toHaveLength(1);
        test.info().annotations.push({ type: "ran on", description: `node-sdk ${version}${told}` });
        await rm(join(consumer.dir, row), { recursive: true });
      });

function manifests(row: string, below: string): Record<string, string> {
  const own = {
    [`${join(row, below)}/package.json`]: '{ "name": "bot", "private": true, "type": "module" }',
  };
  if (below === ".") return own;
  return {
    ...own,
    [`${row}/package.json`]: '{ "name": "all", "private": true, "workspaces": ["packages/*"] }',
  };
}

/** `init`, and what it says comes next. @returns what it said of a version that does not load, for the table */
async function initAndInstall(consumer: Consumer, at: string): Promise<string> {
  const init = await must(consumer, at, "npx", "playwright-xmtp", "init");
  const [, reason] = /^wrote @xmtp\/node-sdk .*\((node-sdk .*)\)$/m.exec(init.output) ?? [];
  if (reason !== undefined) {
    expect(reason).toMatch(/^node-sdk [\d.]+: it needs glibc 2\.38, this system has 2\.\d+$/);
    // Whoever runs the tests without it is told the same.
    const before = await consumer.run("npx", ["playwright", "test"], at);
    expect(before.output).toMatch(/SDK_BINDING: .*it needs glibc 2\.38, this system has 2\.\d+/);
  }
  const [, next = ""] = /^Now run: (.*)npx playwright test$/m.exec(init.output) ?? [];
  for (const [, verb = ""] of next.matchAll(/npm (\w+) && /g)) await must(consumer, at, "npm", verb);
  return reason === undefined ? "" : ` (${reason})`;
}
