import { formatNumber } from "../../report/format.js";
import { element } from "../../report/html/markup.js";
import type { Markup } from "../../report/html/markup.js";
import { pageOf } from "../../report/html/page-frame.js";
import { listOf, panels, section, tableOf, tiles } from "../../report/html/sections.js";
import type { Tile } from "../../report/html/sections.js";
import { counterNames, histogramNames } from "../measuring/names.js";
import type { LoadReport } from "./merge.js";
import { timeCharts } from "./time-charts.js";

/** A load run as one page that needs no network and no script. */
export function renderLoadPage(report: LoadReport): string {
  const { population, seconds, processes, sdks, run, seed } = report;
  const setting = [
    `node-sdk ${sdks.join(", ")}`,
    `${formatNumber(population.users)} users`,
    `${formatNumber(population.groups)} groups of ${population.groupSize}`,
    `${formatNumber(population.dms)} DMs`,
    `${processes.length} processes`,
    `${formatNumber(seconds)} s`,
    `run ${run}, seed ${seed}`,
  ];
  return pageOf(
    "XMTP load run",
    report.status === "passed" ? "good" : "bad",
    report.status,
    setting.join(" · "),
    [
      tiles(tilesOf(report)),
      ...section("Problems", [listOf(report.problems)]),
      ...section(
        "Over time",
        [panels(timeCharts(report), true)],
        report.faults.length === 0
          ? undefined
          : "The bands show when a fault was on the line of its share of the users.",
      ),
      ...section("Times and sizes", [tableOf(histogramTable(report), "Times and sizes")]),
      ...section("Counts", [tableOf(counterTable(report), "Counts")]),
      ...section("Processes", [tableOf(processTable(report), "Processes")], nodeText(report)),
      ...section("Faults", [tableOf(faultTable(report), "Faults")]),
      ...section("Ends of conversations", [tailText(report)]),
    ],
  );
}

function tilesOf({ counters, users, histograms }: LoadReport): Tile[] {
  const bad = (name: string, value: number): Tile => ({
    name,
    value: formatNumber(value),
    tone: value > 0 ? "bad" : "good",
  });
  const delivery = histograms["xmtp.delivery_ms"];
  return [
    { name: "Users", value: formatNumber(users.settled) },
    { name: "Acknowledged", value: formatNumber(counters["xmtp.acknowledged"]) },
    { name: "Delivered", value: formatNumber(counters["xmtp.delivered"]) },
    bad("Lost", counters["xmtp.lost"]),
    bad("Twice", counters["xmtp.duplicate"]),
    bad("Died", users.died),
    { name: "Delivery p50", value: delivery ? `${formatNumber(delivery.p50)} ms` : "–" },
    { name: "Delivery p99", value: delivery ? `${formatNumber(delivery.p99)} ms` : "–" },
  ];
}

function histogramTable({ histograms }: LoadReport): Parameters<typeof tableOf>[0] {
  const rows = histogramNames.flatMap((name) => {
    const of = histograms[name];
    return of ? [[name, ...[of.n, of.p50, of.p95, of.p99, of.max].map(formatNumber)]] : [];
  });
  return { head: ["", "n", "p50", "p95", "p99", "max"], numeric: [1, 2, 3, 4, 5], rows };
}

function counterTable({ counters }: LoadReport): Parameters<typeof tableOf>[0] {
  return {
    head: ["", "n"],
    numeric: [1],
    rows: counterNames.map((name) => [name, formatNumber(counters[name])]),
  };
}

function processTable({ processes, seconds }: LoadReport): Parameters<typeof tableOf>[0] {
  return {
    head: ["Shard", "Users", "CPU, s", "Cores", "Peak memory, MB"],
    numeric: [1, 2, 3, 4],
    rows: processes.map(({ shard, users, cpuMs, peakMemoryMb }) => [
      shard,
      ...[users, cpuMs / 1000, cpuMs / 1000 / seconds, peakMemoryMb].map(formatNumber),
    ]),
  };
}

function faultTable({ faults, beganAt }: LoadReport): Parameters<typeof tableOf>[0] {
  return {
    head: ["Fault", "At, s", "Seconds"],
    numeric: [1, 2],
    rows: faults.map(({ what, from, to }) => [
      what,
      formatNumber(Math.max(0, from / 1000 - beganAt)),
      formatNumber((to - from) / 1000),
    ]),
  };
}

function nodeText({ node }: LoadReport): string | undefined {
  if (node?.cpuMs === undefined) return undefined;
  const share = formatNumber((node.cpuShare ?? 0) * 100);
  return `The embedded node took ${formatNumber(node.cpuMs / 1000)} s of CPU, ${share} % of all.`;
}

function tailText({ tails }: LoadReport): Markup {
  const { checked, undecided, lost } = tails;
  const text = `Of ${formatNumber(checked)} pairs of sender and receiver the last message was checked over processes: ${formatNumber(lost.length)} lost. ${formatNumber(undecided)} could not be judged.`;
  return element("p", { class: "soft" }, text);
}
