import { getuid } from "node:process";
import { expect, test } from "@playwright/test";
import { FreshClone, frontDoor, passedIn } from "./clone.js";
import type { User } from "./clone.js";

/** Each clone downloads some 500 MB and runs for several minutes; only a hang ends it. */
test.describe.configure({ mode: "default", timeout: 3_600_000 });

/** What each of README's commands runs of the suites, in README's order. */
const suites = [
  ["functional", "chaos", "perf", "examples"],
  ["self", "functional"],
];
const nobody: User = { uid: 65_534, gid: 65_534 };

test("README opens with two commands for a clone, and each sets all up by itself", () => {
  expect(frontDoor()).toEqual(["npm ci && npx playwright test", "npm ci && npm test"]);
  expect(frontDoor("## Get started\n\n```sh\nnpm test\n```\n"), "another README").toEqual(["npm test"]);
  expect(frontDoor("# Title\n"), "a README without").toEqual([]);
});

test("a clone's own failure is told with its output", async () => {
  const clone = await FreshClone.make();
  try {
    const ended = await clone.run('echo "in $PWD"; ls "$HOME"; exit 3');
    expect(ended.exitCode).toBe(3);
    expect(ended.output).toMatch(/^in .*naïve café .*my clone\n$/);
  } finally {
    await clone.remove();
  }
});

for (const [who, user] of [
  ["whoever runs this", undefined],
  ["another user", nobody],
] as const)
  for (const [at, command] of frontDoor().entries())
    test(`${command}: a fresh clone, as ${who}`, async () => {
      test.skip(!process.env["CI_FULL"], "installs and runs everything anew: CI_FULL=1 does");
      test.skip(user !== undefined && getuid?.() !== 0, "only root can run a command as another user");
      const clone = await FreshClone.make(user);
      try {
        const { exitCode, output } = await clone.run(command);
        expect(exitCode, output.slice(-20_000)).toBe(0);
        for (const suite of suites[at] ?? []) expect(passedIn(suite, output), suite).toBeGreaterThan(0);
        if (command.endsWith("npm test")) expect(output).toMatch(/^\s*Tests {2}\d+ passed/m);
      } finally {
        await clone.remove();
      }
    });
