import { axisFormat, formatNumber, formatValue } from "../format.js";
import type { OperationReport } from "../run-report.js";
import { groupBy } from "../../ledger/group.js";
import { hint, picture, xAxis, yAxis } from "./axes.js";
import type { Area } from "./axes.js";
import { element, pathOf } from "./markup.js";
import type { Markup } from "./markup.js";
import { linearScale } from "./scale.js";
import type { Scale } from "./scale.js";

const width = 350;
const height = 210;
const area: Area = { left: 62, right: 336, top: 12, bottom: 178 };

/** One panel per operation that was measured at two sizes or more: p50 and p95 over size. */
export function sizeCharts(operations: readonly OperationReport[]): Markup[] {
  const groups = groupBy(operations.filter(hasFigures), (one) => `${one.operation}\n${one.unit}`);
  return [...groups.values()].flatMap((group) => {
    const sizes = new Set(group.map((one) => one.size));
    return sizes.size < 2 ? [] : [panel(group)];
  });
}

type Measured = OperationReport & { readonly statistics: NonNullable<OperationReport["statistics"]> };

function hasFigures(one: OperationReport): one is Measured {
  return one.statistics !== undefined;
}

function panel(group: readonly Measured[]): Markup {
  const [first] = group;
  if (!first) throw new RangeError("A panel needs a figure.");
  const lines = [...groupBy(group, (one) => `SDK ${one.sdkVersion}, ${one.backend}`)];
  const x = linearScale(Math.max(...group.map((one) => one.size)), area.left, area.right, 5);
  const y = linearScale(Math.max(...group.map((one) => one.statistics.p95)), area.bottom, area.top);
  const name = first.operation;
  const svg = picture(width, height, `${name} by size: ${group.map(spoken).join("; ")}`, [
    ...yAxis(y, area, axisFormat(first.unit, y.ticks.at(-1) ?? 0)),
    ...xAxis(x, area, formatNumber),
    ...lines.flatMap(([where, points], i) => line(points, where, i, x, y)),
  ]);
  const key = lines.length < 2 ? [] : [legend(lines.map(([where]) => where))];
  return element("figure", { class: "panel" }, [element("figcaption", {}, name), svg, ...key]);
}

function line(points: readonly Measured[], where: string, index: number, x: Scale, y: Scale): Markup[] {
  const color = `series s${index % 8}`;
  const at = (read: (one: Measured) => number): (readonly [number, number])[] =>
    points.map((one) => [x.at(one.size), y.at(read(one))] as const);
  const middle = at((one) => one.statistics.p50);
  const high = at((one) => one.statistics.p95);
  return [
    element("path", { class: `${color} area`, d: `${pathOf([...high, ...middle.toReversed()])} Z` }),
    element("path", { class: `${color} dashed`, d: pathOf(high) }),
    element("path", { class: color, d: pathOf(middle) }),
    ...points.map((one) =>
      element(
        "circle",
        { class: `${color} dot`, cx: x.at(one.size), cy: y.at(one.statistics.p50), r: 3.2 },
        hint(`size ${one.size} (${where}): ${spoken(one)}`),
      ),
    ),
  ];
}

/** Colored names, in the order of their lines. */
export function legend(names: readonly string[]): Markup {
  const items = names.map((name, i) =>
    element("li", {}, [element("span", { class: `swatch s${i % 8}`, "aria-hidden": "true" }), name]),
  );
  return element("ul", { class: "legend" }, items);
}

function spoken({ size, unit, statistics: { p50, p95, n } }: Measured): string {
  return `size ${size}: p50 ${formatValue(p50, unit)}, p95 ${formatValue(p95, unit)}, n ${n}`;
}
