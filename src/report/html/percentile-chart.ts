import { formatValue } from "../format.js";
import type { OperationReport, RunReport } from "../run-report.js";
import { seriesId } from "../measuring/samples.js";
import { hint, label, picture, xAxis } from "./axes.js";
import type { Area } from "./axes.js";
import { element } from "./markup.js";
import type { Markup } from "./markup.js";
import { logScale } from "./scale.js";
import type { Scale } from "./scale.js";

const width = 1080;
const rowHeight = 22;
/** More rows than this would be unreadable; the table has them all. */
const maxRows = 80;

/** A row per operation and size on one logarithmic axis: p50 to p99 as a bar, the maximum as a tick. */
export function percentileChart(report: RunReport): Markup | undefined {
  const all = report.operations.filter((one) => one.unit === "ms" && one.statistics);
  const rows = all.slice(0, maxRows);
  if (rows.length === 0) return undefined;
  const area: Area = { left: 230, right: width - 20, top: 6, bottom: 10 + rows.length * rowHeight };
  const figures = rows.flatMap(({ statistics }) => (statistics ? [statistics.p50, statistics.max] : []));
  const x = logScale(Math.min(...figures), Math.max(...figures), area.left, area.right);
  const names = rowNames(rows);
  const marks = rows.flatMap((one, i) =>
    row(one, names[i] ?? "", area.top + (i + 0.5) * rowHeight, x, limitOf(one, report)),
  );
  const caption =
    "Dot: p50. Ring: p95. Diamond: p99. Tick: maximum. Triangle: the p95 budget, red where crossed." +
    (all.length > rows.length ? ` ${all.length - rows.length} more rows are in the table.` : "");
  const about = `Percentiles of ${rows.length} operations and sizes; the figures are in the table below.`;
  return element("figure", { class: "wide" }, [
    picture(width, area.bottom + 24, about, [
      ...xAxis(x, area, (value) => formatValue(value, "ms")),
      ...marks,
    ]),
    element("figcaption", { class: "note" }, caption),
  ]);
}

/** "send · 50", with SDK version and backend where an operation and size has several, without a size that says nothing. */
export function rowNames(rows: readonly OperationReport[]): string[] {
  return rows.map((one) => {
    const own = rows.filter((other) => other.operation === one.operation);
    const plain = own.every((other) => other.size === 1) ? one.operation : `${one.operation} · ${one.size}`;
    const twins = own.filter((other) => other.size === one.size);
    return twins.length === 1 ? plain : `${plain} · ${one.sdkVersion} · ${one.backend}`;
  });
}

interface Limit {
  readonly ms: number;
  readonly crossed: boolean;
}

function row(one: OperationReport, name: string, y: number, x: Scale, limit: Limit | undefined): Markup[] {
  const { statistics, unit } = one;
  if (!statistics) return [];
  const { p50, p95, p99, max, n } = statistics;
  const [a, b, c, d] = [x.at(p50), x.at(p95), x.at(p99), x.at(max)];
  const text = (["p50", "p95", "p99", "max"] as const)
    .map((statistic) => `${statistic} ${formatValue(statistics[statistic], unit)}`)
    .join(", ");
  const marks = [
    hint(`${name}: ${text}, n ${n}`),
    element("rect", { class: "hit", x: 0, y: y - rowHeight / 2, width, height: rowHeight }),
    label(220, y + 3.5, name, "end"),
    element("line", { class: "series s0 thin", x1: a, x2: d, y1: y, y2: y }),
    element("line", { class: "series s0 thick", x1: a, x2: b, y1: y, y2: y }),
    element("line", { class: "series s0", x1: d, x2: d, y1: y - 4, y2: y + 4 }),
    element("path", { class: "series s0 dot", d: diamond(c, y) }),
    element("circle", { class: "series s0 ring", cx: b, cy: y, r: 3.6 }),
    element("circle", { class: "series s0 dot", cx: a, cy: y, r: 4 }),
  ];
  if (limit)
    marks.push(element("path", { class: limit.crossed ? "bad" : "good", d: triangle(x.at(limit.ms), y) }));
  return [element("g", {}, marks)];
}

function limitOf(one: OperationReport, report: RunReport): Limit | undefined {
  const own = report.budgets.filter((b) => b.statistic === "p95" && seriesId(b) === seriesId(one));
  const [first] = own;
  return first && { ms: Math.min(...own.map((b) => b.limit)), crossed: own.some((b) => b.crossed) };
}

function diamond(x: number, y: number): string {
  return `M${(x - 4.6).toFixed(2)} ${y} l4.6 -4.6 l4.6 4.6 l-4.6 4.6 Z`;
}

function triangle(x: number, y: number): string {
  return `M${x.toFixed(2)} ${y - 4} l-4.5 -6 h9 Z`;
}
