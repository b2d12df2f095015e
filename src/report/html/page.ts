import type { Baseline } from "../measuring/baseline.js";
import { describeVerdict } from "../measuring/budget-error.js";
import { formatNumber } from "../format.js";
import { baselineText, messageText, outcomeText, sdkText, settingText } from "../headline.js";
import type { RunReport } from "../run-report.js";
import { faultTable, fewSamplesNote, operationTable, seedTable, testTable, testText } from "../table.js";
import { curveCharts } from "./curve-charts.js";
import { element } from "./markup.js";
import type { Markup } from "./markup.js";
import { pageOf } from "./page-frame.js";
import { percentileChart } from "./percentile-chart.js";
import { ratioChart } from "./ratio-chart.js";
import { listOf, panels, section, tableOf, tiles } from "./sections.js";
import type { Tile } from "./sections.js";
import { sizeCharts } from "./size-charts.js";

/** More seeds than this are folded away. */
const maxOpenSeeds = 12;

/** The run as one page that needs no network and no script. */
export function renderPage(report: RunReport, baseline?: Baseline): string {
  const tone = report.status === "passed" ? "good" : "bad";
  const parts = [outcomeText(report), sdkText(report), settingText(report), messageText(report)];
  return pageOf("XMTP run", tone, report.status, parts.filter((text) => text !== "").join(" · "), [
    tiles(tilesOf(report)),
    ...alarms(report, baseline),
    ...figures(report),
    ...evidence(report),
  ]);
}

function tilesOf(report: RunReport): Tile[] {
  const { outcomes } = report;
  const bad = (n: number, tone: "bad" | "warn"): Tile["tone"] => (n > 0 ? tone : undefined);
  const crossed = report.budgets.filter((one) => one.crossed).length;
  const slower = report.operations.filter((one) => one.comparison?.verdict === "slower").length;
  const samples = report.operations.reduce((sum, one) => sum + one.values.length, 0);
  const all: (Tile & { readonly shown: boolean })[] = [
    { name: "Passed", value: formatNumber(outcomes.expected), shown: true },
    {
      name: "Failed",
      value: formatNumber(outcomes.unexpected),
      tone: bad(outcomes.unexpected, "bad"),
      shown: true,
    },
    { name: "Flaky", value: formatNumber(outcomes.flaky), tone: bad(outcomes.flaky, "warn"), shown: true },
    { name: "Samples", value: formatNumber(samples), shown: samples > 0 },
    {
      name: "Budgets crossed",
      value: `${crossed}`,
      tone: bad(crossed, "bad"),
      shown: report.budgets.length > 0,
    },
    {
      name: "Slower than baseline",
      value: `${slower}`,
      tone: bad(slower, "warn"),
      shown: baselineText(report) !== "",
    },
    { name: "Faults", value: formatNumber(report.faults.length), shown: true },
    {
      name: "Leaks",
      value: formatNumber(report.leaks.length),
      tone: bad(report.leaks.length, "bad"),
      shown: true,
    },
  ];
  return all.filter((tile) => tile.shown);
}

function alarms(report: RunReport, baseline: Baseline | undefined): Markup[] {
  const crossed = report.budgets.filter((one) => one.crossed);
  return [
    ...section("Budgets crossed", [
      listOf(crossed.map((one) => `${describeVerdict(one, baseline)}, in ${testText(one.test)}`)),
    ]),
    ...section("Failed tests", [tableOf(testTable(report.failed), "Failed tests")]),
    ...section("Flaky tests", [tableOf(testTable(report.flaky), "Flaky tests")]),
    ...section("Leaks", [listOf(report.leaks.map(({ test, leak }) => `${testText(test)}: ${leak}`))]),
    ...section("Problems", [listOf(report.problems)]),
  ];
}

function figures(report: RunReport): Markup[] {
  const compared = baselineText(report);
  const times = report.operations.filter((one) => one.unit === "ms");
  const others = report.operations.filter((one) => one.unit !== "ms");
  const sized = "Solid: p50. Dashed: p95. Each axis starts at 0.";
  return [
    ...section("Against the baseline", [ratioChart(report)], compared === "" ? undefined : `${compared}.`),
    ...section("Latency by size", [panels(sizeCharts(times), false)], sized),
    ...section("Storage and rates by size", [panels(sizeCharts(others), false)], sized),
    ...section("Percentiles by operation", [percentileChart(report)]),
    ...section(
      "Delivery curves",
      [panels(curveCharts(report.curves), true)],
      "A measured curve that ends below 100 % lost receipts; those of all tests hold what arrived only.",
    ),
    ...section("All figures", [tableOf(operationTable(report.operations), "All figures")], fewSamplesNote),
    ...section("Budgets that nothing was measured for", [listOf(report.unusedBudgets)]),
  ];
}

function evidence(report: RunReport): Markup[] {
  const faults = report.faults.map(
    (one) => `${testText(one.test)}: ${one.fault} on ${one.targets.join(", ")}`,
  );
  const none = element("p", { class: "soft" }, "No test put a fault on the network.");
  return [
    ...section("Faults", [report.faults.length === 0 ? none : tableOf(faultTable(report.faults), "Faults")]),
    ...(faults.length === 0 ? [] : [details(`All ${faults.length} faults`, listOf(faults))]),
    ...section("Seeds", [seedsOf(report)], "Set XMTP_SEED or the option `seed` to replay a test."),
  ];
}

function seedsOf({ seeds }: RunReport): Markup | undefined {
  const table = tableOf(seedTable(seeds), "Seeds");
  return table && seeds.length > maxOpenSeeds ? details(`All ${seeds.length} seeds`, table) : table;
}

function details(title: string, body: Markup | undefined): Markup {
  return element("details", {}, [element("summary", { class: "note" }, title), ...(body ? [body] : [])]);
}
