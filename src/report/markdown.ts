import { describeVerdict } from "./measuring/budget-error.js";
import type { Baseline } from "./measuring/baseline.js";
import { baselineText, messageText, outcomeText, sdkText, settingText } from "./headline.js";
import type { RunReport } from "./run-report.js";
import { faultTable, fewSamplesMark, fewSamplesNote, operationTable, seedTable, testTable } from "./table.js";
import { testText } from "./table.js";
import { shown } from "../redaction.js";
import type { Table } from "./table.js";

/** Rows of one table at most: GitHub refuses a step summary over 1 MiB. */
const maxRows = 300;

/** The run as Markdown, for a CI's summary page. */
export function renderMarkdown(report: RunReport, baseline?: Baseline): string {
  const crossed = report.budgets.filter((one) => one.crossed);
  const troubled = new Set([...report.failed, ...report.flaky].map(testText));
  const seeds = report.seeds.filter(({ test }) => troubled.has(testText(test)));
  const sections = [
    `# XMTP run: ${report.status}`,
    [outcomeText(report), escape(sdkText(report)), messageText(report)]
      .filter((text) => text !== "")
      .join("; ") + ".",
    list(
      "Budgets crossed",
      crossed.map((one) => `${describeVerdict(one, baseline)}, in ${testText(one.test)}`),
    ),
    operations(report),
    section("Faults", report.faults.length, () => table(faultTable(report.faults))),
    section("Failed tests", report.failed.length, () => table(testTable(report.failed))),
    section("Flaky tests", report.flaky.length, () => table(testTable(report.flaky))),
    section("Seeds of these tests", seeds.length, () => table(seedTable(seeds))),
    list(
      "Leaks",
      report.leaks.map(({ test, leak }) => `${testText(test)}: ${leak}`),
    ),
    section("Budgets that nothing was measured for", report.unusedBudgets.length, () =>
      report.unusedBudgets.map((name) => `- ${code(name)}`).join("\n"),
    ),
    list("Problems", report.problems),
  ];
  return sections.filter((text) => text !== "").join("\n\n") + "\n";
}

function operations(report: RunReport): string {
  if (report.operations.length === 0) return "";
  const rows = operationTable(report.operations);
  const few = rows.rows.some((row) => row.some((cell) => cell.endsWith(fewSamplesMark)));
  const compared = baselineText(report);
  return [
    `## Operations (${settingText(report)})`,
    ...(compared === "" ? [] : [`Against the baseline: ${compared}.`]),
    table(rows),
    ...(few ? [`\\${fewSamplesNote}`] : []),
  ].join("\n\n");
}

function section(title: string, items: number, body: () => string): string {
  return items === 0 ? "" : `## ${title}\n\n${body()}`;
}

function list(title: string, items: readonly string[]): string {
  return section(title, items.length, () => items.map((item) => `- ${escape(item)}`).join("\n"));
}

function table({ head, numeric, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(" | ")} |`;
  const rule = head.map((_, i) => (numeric.includes(i) ? "---:" : "---"));
  const kept = rows.slice(0, maxRows).map(line);
  const more = rows.length > maxRows ? [`\n… ${rows.length - maxRows} more rows in the run page.`] : [];
  return [line(head), `| ${rule.join(" | ")} |`, ...kept, ...more].join("\n");
}

/**
 * Text as it is: no cell's end, tag, emphasis, code, link, picture, heading, strike or mention, and no character that
 * a terminal or a page would obey. `@` is followed by nothing that GitHub would take for a name.
 */
function escape(text: string): string {
  return shown(text.replace(/\s*[\r\n]+\s*/g, " "))
    .replace(/[\\`|<>*_[\]#~]/g, "\\$&")
    .replace(/@(?=[\w-])/g, "@\u2060")
    .replace(/\b(https?|ftp|www)(:\/\/|\.)/gi, "$1\u2060$2");
}

/** A name as code, which ends at no backtick of its own. */
function code(name: string): string {
  return `\`${shown(name).replace(/[`\s]+/g, " ")}\``;
}
