import { defineConfig } from "@playwright/test";
import type { PlaywrightTestConfig } from "@playwright/test";
import { fileURLToPath } from "node:url";
import { browser } from "./chromium.mjs";
import { speakNewerNames } from "../tests/support/sdk-4.js";

// Each Playwright process reads the config before its tests.
if (process.env["TEST_WORKER_INDEX"] !== undefined) await speakNewerNames();

type Project = NonNullable<PlaywrightTestConfig["projects"]>[number];

const root = fileURLToPath(new URL("..", import.meta.url));
const ci = Boolean(process.env["CI"]);

/** What shows the package at work: the default run. */
export const shown = {
  functional: {},
  chaos: { timeout: 180_000 },
  perf: { timeout: 600_000, workers: 1 },
  // They are what users copy, and say nothing of where this machine has its browser.
  examples: { testDir: `${root}examples`, use: { launchOptions: { executablePath: browser } } },
} satisfies Record<string, Omit<Project, "name">>;

/** What checks the package itself, or takes long: each has a config of its own in its folder. */
export const asked = {
  // Many of them run a Playwright of their own; a busy machine takes its time.
  self: { testIgnore: "**/unit/**", timeout: 180_000 },
  integration: {},
  large: { timeout: 1_200_000, workers: 1 },
  // They need Artillery and a newer Node: npm run load brings both.
  load: { timeout: 300_000, workers: 1 },
} satisfies Record<string, Omit<Project, "name">>;

/** A config with these suites; all runs of this repository share the rest. */
export function suitesConfig(suites: Readonly<Record<string, Omit<Project, "name">>>): PlaywrightTestConfig {
  return defineConfig<{ xmtpNotEmbedded: "fail" | "skip" }>({
    // One for the configs of all folders: merge-reports refuses blobs that were recorded with different ones.
    testDir: root,
    globalSetup: `${root}scripts/global-setup.ts`,
    fullyParallel: true,
    forbidOnly: ci,
    retries: 0,
    workers: 2,
    timeout: 60_000,
    reporter: [
      ["list"],
      ["html", { open: "never" }],
      [`${root}dist/src/report/index.js`, { outputFolder: `${root}xmtp-report` }],
    ],
    // By URL the suites say what they could not show, and fail for what does not hold.
    use: { trace: "off", xmtpNotEmbedded: "skip" },
    projects: Object.entries(suites).map(([name, suite]) => ({
      name,
      testDir: `${root}tests/${name}`,
      ...suite,
    })),
  });
}

/**
 * The suites of {@link asked} that a command line names: by `--project`, or by a file of theirs.
 * A Playwright process of a run does not have that command line, so it knows them all.
 */
export function suitesAsked(args: readonly string[], inRun: boolean): Partial<typeof asked> {
  const projects = args.flatMap((arg, at) => {
    if (arg.startsWith("--project=")) return [arg.slice("--project=".length)];
    return isProjectValue(args, at) ? [arg] : [];
  });
  const named = ([name]: [string, unknown]): boolean =>
    inRun ||
    projects.some((project) => matches(project, name)) ||
    args.some((arg) => arg.includes(`tests/${name}`));
  return Object.fromEntries(Object.entries(asked).filter(named));
}

/** Whether the argument belongs to a `--project` before it, which takes several: `--project self chaos`. */
function isProjectValue(args: readonly string[], at: number): boolean {
  const option = args.slice(0, at).findLast((arg) => arg.startsWith("-"));
  return option === "--project" && args[at]?.startsWith("-") === false;
}

/** As Playwright compares: any case, `*` for any text. */
function matches(project: string, name: string): boolean {
  const pattern = project
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`, "i").test(name);
}
