import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { asked, shown, suitesAsked, suitesConfig } from "../../../../scripts/suites.js";

const named = (...args: string[]): string[] => Object.keys(suitesAsked(["test", ...args], false));

describe("which suites a command line asks for", () => {
  test.each([
    [[], []],
    [["--workers", "1", "-g", "self"], []],
    [["--project=functional"], []],
    [["--project=self"], ["self"]],
    [
      ["--project", "self", "large", "--workers=1"],
      ["self", "large"],
    ],
    [["--project", "chaos", "--grep", "self"], []],
    [["--project=SELF"], ["self"]],
    [["--project=*"], Object.keys(asked)],
    [["--project=l*"], ["large", "load"]],
    [["--project=sel."], []],
    [["tests/self/cli/files.spec.ts:12"], ["self"]],
    [["./tests/large"], ["large"]],
    [["tests/functional"], []],
  ])("%j: %j", (args, suites) => {
    expect(named(...args)).toEqual(suites);
  });

  test("a Playwright process of a run has no command line of its own, and knows them all", () => {
    expect(Object.keys(suitesAsked([], true))).toEqual(Object.keys(asked));
  });
});

test("each suite is a project of its name, in its folder", () => {
  const { projects = [] } = suitesConfig({ ...shown, ...asked });
  expect(projects.map(({ name }) => name)).toEqual([...Object.keys(shown), ...Object.keys(asked)]);
  for (const { name, testDir } of projects)
    expect(testDir).toMatch(name === "examples" ? /\/examples$/ : new RegExp(`/tests/${name}$`));
});

test("blobs of all configs can be merged: what they were recorded with is one directory", async () => {
  const root = fileURLToPath(new URL("../../../..", import.meta.url));
  const configs = [".", ...Object.keys(asked).map((suite) => `tests/${suite}`)];
  for (const folder of configs) {
    const { default: config } = (await import(`${root}${folder}/playwright.config.ts`)) as {
      default: { testDir?: string };
    };
    expect(config.testDir, folder).toBe(root);
  }
});
