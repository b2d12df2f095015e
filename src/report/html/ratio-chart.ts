import type { Verdict } from "../compare.js";
import type { OperationReport, RunReport } from "../run-report.js";
import { comparisonText } from "../table.js";
import { hint, label, picture, xAxis } from "./axes.js";
import type { Area } from "./axes.js";
import { element } from "./markup.js";
import type { Markup } from "./markup.js";
import { rowNames } from "./percentile-chart.js";
import type { Scale } from "./scale.js";

const width = 1080;
const rowHeight = 22;
const maxRows = 80;
const order: readonly Verdict[] = ["slower", "faster", "same", "unsure"];
const classes: Record<Verdict, string> = { slower: "bad", faster: "good", same: "calm", unsure: "faint" };

/** A row per operation and size: the ratio of medians to the baseline, with its band; the worst first. */
export function ratioChart(report: RunReport): Markup | undefined {
  const rows = report.operations
    .filter((one) => one.comparison)
    .sort(byVerdict)
    .slice(0, maxRows);
  if (rows.length === 0) return undefined;
  const area: Area = { left: 230, right: width - 210, top: 6, bottom: 10 + rows.length * rowHeight };
  const x = ratioScale(rows, area);
  const band = [x.at(1 - report.noise), x.at(1 + report.noise)] as const;
  const names = rowNames(rows);
  const label100 = `Medians against the baseline of ${rows.length} operations and sizes; the figures are in the table below.`;
  return element("figure", { class: "wide" }, [
    picture(width, area.bottom + 24, label100, [
      element("rect", {
        class: "band",
        x: band[0],
        y: area.top,
        width: band[1] - band[0],
        height: area.bottom - area.top,
      }),
      ...xAxis(x, area, (ratio) => `${ratio}×`),
      ...rows.map((one, i) => row(one, names[i] ?? "", area.top + (i + 0.5) * rowHeight, area, x)),
    ]),
    element(
      "figcaption",
      { class: "note" },
      `Median of this run over median of the baseline, with the 99 % bootstrap band. A change counts when the whole band lies outside of the shaded ${Math.round(report.noise * 100)} %.`,
    ),
  ]);
}

function row(one: OperationReport, name: string, y: number, area: Area, x: Scale): Markup {
  const { comparison } = one;
  if (!comparison) return element("g");
  const { ratio, low, high, verdict } = comparison;
  const color = classes[verdict];
  return element("g", {}, [
    hint(`${name}: ${comparisonText(comparison)}`),
    label(220, y + 3.5, name, "end"),
    element("line", { class: `${color} stroke`, x1: x.at(low), x2: x.at(high), y1: y, y2: y }),
    element("circle", { class: color, cx: x.at(ratio), cy: y, r: 4 }),
    label(area.right + 14, y + 3.5, comparisonText(comparison).replace(/ \(n .*$/, ""), "start"),
  ]);
}

/** Symmetric about 1 on a logarithmic axis: half and double are equally far off. */
function ratioScale(rows: readonly OperationReport[], area: Area): Scale {
  const ends = rows.flatMap(({ comparison }) => (comparison ? [comparison.low, comparison.high] : []));
  const far = Math.max(...ends.map((end) => Math.abs(Math.log(Math.max(end, 1e-3)))), Math.log(1.5));
  const reach = [1.5, 2, 4, 10, 100, 1000].find((one) => Math.log(one) >= far) ?? 1000;
  const span = Math.log(reach);
  const middle = (area.left + area.right) / 2;
  const at = (ratio: number): number => {
    const inside = Math.max(-span, Math.min(span, Math.log(Math.max(ratio, 1e-9))));
    return middle + (inside / span) * (area.right - middle);
  };
  const above = [1.1, 1.25, 1.5, 2, 3, 4, 10, 100, 1000].filter((one) => one <= reach && one >= reach ** 0.3);
  const below = above.map((one) => Number((1 / one).toPrecision(2)));
  return { at, ticks: [...below.reverse(), 1, ...above] };
}

function byVerdict(a: OperationReport, b: OperationReport): number {
  const rank = (one: OperationReport): number => order.indexOf(one.comparison?.verdict ?? "unsure");
  return rank(a) - rank(b);
}
