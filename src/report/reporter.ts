import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type {
  FullConfig,
  FullResult,
  Reporter,
  Suite,
  TestCase,
  TestResult,
} from "@playwright/test/reporter";
import { variable } from "../environment.js";
import { errorText } from "../errors.js";
import { openBaseline, updatedBaseline, updatingBaseline, writeBaseline } from "./measuring/baseline.js";
import type { Baseline } from "./measuring/baseline.js";
import { count } from "./format.js";
import { readAttempt, toRecord } from "./collect.js";
import type { AttemptData, TestRecord } from "./collect.js";
import { renderPage } from "./html/page.js";
import { renderMarkdown } from "./markdown.js";
import { buildRunReport, seriesOf } from "./run-report.js";
import { shown } from "../redaction.js";
import { toJson } from "./to-json.js";

/** What can be set in `reporter: [["playwright-xmtp/reporter", options]]`. */
export interface XmtpReporterOptions {
  /** Where the report is written, relative to the config's folder. Default `xmtp-report`. */
  readonly outputFolder?: string;
  /**
   * Baseline file to compare with, relative to the config's folder. Default `XMTP_BASELINE`, else none.
   * With `XMTP_UPDATE_BASELINE=1` the figures of the tests that passed are written to it at the end.
   */
  readonly baseline?: string;
  /** The change of a median that counts as none, as a share. Default 0.1. */
  readonly noise?: number;
  /** Whether the Markdown goes to the file named by `GITHUB_STEP_SUMMARY` too. Default true. */
  readonly stepSummary?: boolean;
  /** Whether the run fails when the report itself could not be made. Default false. */
  readonly failOnReportError?: boolean;
}

/** Playwright adds the folder of the config. */
type GivenOptions = XmtpReporterOptions & { readonly configDir?: string };

const nothing: AttemptData = { samples: [], timelines: [], problems: [] };

/**
 * Playwright reporter that turns the attachments and annotations of this package into a run page.
 *
 * It reads nothing else, so a live run and `merge-reports` give the same output. It never throws: Playwright
 * fails the run for a reporter that throws, and dies for an async `onTestEnd` that rejects.
 */
export class XmtpReporter implements Reporter {
  readonly #options: GivenOptions;
  readonly #attempts = new Map<TestCase, Promise<AttemptData>>();
  readonly #problems: string[] = [];
  #suite: Suite | undefined;

  constructor(options: GivenOptions = {}) {
    this.#options = options;
  }

  printsToStdio(): boolean {
    return false;
  }

  onBegin(_config: FullConfig, suite: Suite): void {
    this.#suite = suite;
  }

  /** Synchronous, because Playwright does not wait for it; the reading is awaited in `onEnd`. */
  onTestEnd(test: TestCase, result: TestResult): void {
    const unreadable = (thrown: unknown): AttemptData => ({ ...nothing, problems: [errorText(thrown)] });
    this.#attempts.set(test, readAttempt(result).catch(unreadable));
  }

  async onEnd(result: FullResult): Promise<{ status: FullResult["status"] } | undefined> {
    try {
      await this.#write(result);
    } catch (thrown) {
      this.#problems.push(errorText(thrown));
    }
    this.#problems.forEach(say);
    if (this.#problems.length === 0 || this.#options.failOnReportError !== true) return undefined;
    return { status: "failed" };
  }

  async #write(result: FullResult): Promise<void> {
    const records = await this.#records();
    const baseline = await this.#baseline();
    const report = buildRunReport({
      status: result.status,
      records,
      baseline,
      compare: this.#options.noise === undefined ? {} : { noise: this.#options.noise },
      problems: this.#problems,
    });
    const folder = this.#path(this.#options.outputFolder ?? "xmtp-report");
    const markdown = renderMarkdown(report, baseline);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "xmtp-report.json"), toJson(report));
    await writeFile(join(folder, "summary.md"), markdown);
    await writeFile(join(folder, "index.html"), renderPage(report, baseline));
    const summary = variable("GITHUB_STEP_SUMMARY");
    if (summary && this.#options.stepSummary !== false) await appendFile(summary, markdown);
    await this.#updateBaseline(records, baseline);
  }

  async #records(): Promise<TestRecord[]> {
    const tests = this.#suite?.allTests() ?? [];
    return Promise.all(
      tests.map(async (test) => toRecord(test, (await this.#attempts.get(test)) ?? nothing)),
    );
  }

  get #baselineFile(): string {
    const file = this.#options.baseline ?? variable("XMTP_BASELINE") ?? "";
    return file === "" ? "" : this.#path(file);
  }

  async #baseline(): Promise<Baseline | undefined> {
    try {
      return await openBaseline(this.#baselineFile);
    } catch (thrown) {
      this.#problems.push(errorText(thrown));
      return undefined;
    }
  }

  async #updateBaseline(records: readonly TestRecord[], old: Baseline | undefined): Promise<void> {
    if (!updatingBaseline() || this.#baselineFile === "") return;
    const passed = records.filter(({ outcome }) => outcome === "expected" || outcome === "flaky");
    await writeBaseline(this.#baselineFile, updatedBaseline(seriesOf(passed), old));
    const left = seriesOf(records).length - seriesOf(passed).length;
    if (left > 0) say(`the baseline leaves out ${count(left, "operation")} whose tests failed`);
  }

  #path(path: string): string {
    return resolve(this.#options.configDir ?? ".", path);
  }
}

function say(line: string): void {
  process.stderr.write(`playwright-xmtp reporter: ${shown(line)}\n`);
}
