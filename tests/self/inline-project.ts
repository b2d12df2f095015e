import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { test } from "@playwright/test";
import type { JSONReport, JSONReportSpec, JSONReportSuite } from "@playwright/test/reporter";

/** How an inline project is run. */
export interface InlineOptions {
  /** Arguments after `playwright`. Default `["test", "--workers=1"]`. */
  readonly args?: readonly string[];
  /** Added to a cleaned copy of this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder below the test's output folder, where several runs of one test share files. Default `project`. */
  readonly folder?: string;
  /** Milliseconds until the runner and all its children are killed. Default 150,000. */
  readonly timeoutMs?: number;
  /** Called with the runner's process id once it runs, for tests that signal it. */
  readonly onSpawn?: (pid: number) => void;
  /** Called with each piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface InlineResult {
  /** 124 when it was killed at its deadline, -1 when a signal ended it (see `signal`). */
  readonly exitCode: number;
  readonly signal: string | undefined;
  /** Standard output and error, in the order they came, without colors. */
  readonly output: string;
  /** The JSON reporter's report; undefined when the runner wrote none. */
  readonly report: JSONReport | undefined;
  readonly passed: number;
  readonly failed: number;
  readonly flaky: number;
  readonly skipped: number;
  /** The error messages of all results, in report order, without colors. */
  readonly errors: readonly string[];
  /** Absolute path of the project's folder. */
  readonly dir: string;
  /** The text of a file below that folder. */
  readonly read: (path: string) => Promise<string>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Variables by which a parent run would leak into the child; the folder of transformed files is one for each Node. */
const inherited =
  /^(TEST_(WORKER|PARALLEL)_INDEX|PLAYWRIGHT_.*|PW_?TEST(?!_CACHE_DIR).*|FORCE_COLOR|CI|GITHUB_.*|XMTP_.*|NODE_OPTIONS)$/;

/**
 * Writes `files` below the test's output folder and runs the Playwright command line there on the built package.
 *
 * The folder lies inside this repository, so that `playwright-xmtp` and `#src/...` resolve by self-reference:
 * write no package.json into it. Without a `playwright.config.ts` among the files an empty one is written.
 *
 * @example
 * const run = await runInlineTest({ "a.spec.ts": `import { test } from "playwright-xmtp"; test("x", () => {});` });
 * expect(run.exitCode).toBe(0);
 */
export async function runInlineTest(
  files: Readonly<Record<string, string>>,
  options: InlineOptions = {},
): Promise<InlineResult> {
  const dir = test.info().outputPath(options.folder ?? "project");
  const withConfig = { "playwright.config.ts": `export default { testDir: "." };\n`, ...files };
  for (const [name, text] of Object.entries(withConfig)) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const jsonFile = join(dir, `inline-report-${++runs}.json`);
  const args = [...(options.args ?? ["test", "--workers=1"])];
  // The default output folder is next to the nearest package.json: it would wipe the files of this very run.
  if (args[0] === "test") args.push(`--output=${join(dir, "test-results")}`);
  const env = { ...childEnvironment(dir), PLAYWRIGHT_JSON_OUTPUT_FILE: jsonFile, ...options.env };
  const ended = await spawnRunner(dir, args, env, options);
  const json = await readFile(jsonFile, "utf8").catch((thrown: unknown) => {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw thrown;
  });
  const report = json === undefined ? undefined : (JSON.parse(json) as JSONReport);
  return {
    ...ended,
    report,
    passed: report?.stats.expected ?? 0,
    failed: report?.stats.unexpected ?? 0,
    flaky: report?.stats.flaky ?? 0,
    skipped: report?.stats.skipped ?? 0,
    errors: report === undefined ? [] : errorsOf(report),
    dir,
    read: (path) => readFile(join(dir, path), "utf8"),
  };
}

/** All specs of a JSON report, whatever their depth. */
export function specsOf(report: JSONReport): JSONReportSpec[] {
  const below = (suite: JSONReportSuite): JSONReportSpec[] => [
    ...suite.specs,
    ...(suite.suites ?? []).flatMap(below),
  ];
  return report.suites.flatMap(below);
}

let runs = 0;

function childEnvironment(dir: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !inherited.test(name));
  return {
    ...Object.fromEntries(kept),
    PW_TEST_REPORTER: "json",
    PLAYWRIGHT_HTML_OUTPUT_DIR: join(dir, "playwright-report"),
    PLAYWRIGHT_HTML_OPEN: "never",
    PLAYWRIGHT_BLOB_OUTPUT_DIR: join(dir, "blob-report"),
    NO_COLOR: "1",
  };
}

async function spawnRunner(
  dir: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  options: InlineOptions,
): Promise<Pick<InlineResult, "exitCode" | "signal" | "output">> {
  const cli = join(root, "node_modules/@playwright/test/cli.js");
  // Its own process group, so that the kill below reaches the runner's workers too.
  const child = spawn(process.execPath, [cli, ...args], { cwd: dir, env, detached: true });
  const pid = child.pid;
  let output = "";
  const deadline = new AbortController();
  const take = (chunk: string): void => {
    output += chunk;
    options.onOutput?.(chunk);
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  const closed = new Promise<{ code: number | null; signal: string | null }>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code, signal }));
  });
  if (pid !== undefined) options.onSpawn?.(pid);
  const kill = (): void => {
    deadline.abort();
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  };
  const timer = setTimeout(kill, options.timeoutMs ?? 150_000);
  // When the test itself times out, its process ends before the timer above.
  process.once("exit", kill);
  try {
    const { code, signal } = await closed;
    return {
      exitCode: deadline.signal.aborted ? 124 : (code ?? -1),
      signal: signal ?? undefined,
      output: stripVTControlCharacters(output),
    };
  } finally {
    clearTimeout(timer);
    process.off("exit", kill);
  }
}

function errorsOf(report: JSONReport): string[] {
  const results = specsOf(report).flatMap((spec) => spec.tests.flatMap((one) => one.results));
  const inTests = results.flatMap((result) => result.errors.map((error) => error.message));
  return [...report.errors.map((error) => error.message ?? ""), ...inTests].map((text) =>
    stripVTControlCharacters(text),
  );
}
