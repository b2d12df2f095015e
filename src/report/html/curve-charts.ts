import type { Curve } from "../curves.js";
import { count, formatNumber, formatValue } from "../format.js";
import { groupBy } from "../../ledger/group.js";
import { hint, picture, xAxis, yAxis } from "./axes.js";
import type { Area } from "./axes.js";
import { element, pathOf } from "./markup.js";
import type { Markup } from "./markup.js";
import { linearScale, logScale } from "./scale.js";
import type { Scale } from "./scale.js";
import { legend } from "./size-charts.js";

const width = 530;
const height = 250;
const area: Area = { left: 50, right: 502, top: 12, bottom: 218 };

/** One panel per operation: the share of expected receipts that had arrived after which time. */
export function curveCharts(curves: readonly Curve[]): Markup[] {
  const groups = groupBy(curves, (curve) => curve.name.replace(/, .*$/, ""));
  return [...groups].map(([name, group]) => panel(name, group));
}

function panel(name: string, curves: readonly Curve[]): Markup {
  const times = curves.flatMap((curve) => curve.points.map(([ms]) => ms));
  const x = logScale(Math.max(0.1, Math.min(...times)), Math.max(1, ...times), area.left, area.right);
  const y = linearScale(1, area.bottom, area.top);
  const svg = picture(width, height, `Delivery of ${name}: ${curves.map(spoken).join("; ")}`, [
    ...yAxis(y, area, (share) => `${formatNumber(share * 100)} %`),
    ...xAxis(x, area, (ms) => formatValue(ms, "ms")),
    ...curves.map((curve, i) => line(curve, i, x, y)),
  ]);
  return element("figure", { class: "panel" }, [
    element("figcaption", {}, name),
    svg,
    legend(curves.map(spoken)),
  ]);
}

/** A step up at each arrival: between two arrivals nothing was delivered. */
function line(curve: Curve, index: number, x: Scale, y: Scale): Markup {
  let level = 0;
  const steps = curve.points.flatMap(([ms, share]) => {
    const before = level;
    level = share;
    return [
      [x.at(ms), y.at(before)],
      [x.at(ms), y.at(share)],
    ] as const;
  });
  const points = [...steps, [area.right, y.at(level)] as const];
  return element("path", { class: `series s${index % 8}`, d: pathOf(points) }, hint(spoken(curve)));
}

function spoken({ name, arrived, expected }: Curve): string {
  const what = name.replace(/^[^,]*, /, "");
  if (expected === undefined) return `${what}: ${count(arrived, "receipt")}`;
  // Rounded down: 9,999 of 10,000 is not 100 %.
  const share = Math.floor((arrived / expected) * 1000) / 10;
  return `${what}: ${formatNumber(arrived)} of ${formatNumber(expected)} arrived (${share} %)`;
}
