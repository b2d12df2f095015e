import { hint, picture, xAxis, yAxis } from "../../report/html/axes.js";
import type { Area } from "../../report/html/axes.js";
import { element, pathOf } from "../../report/html/markup.js";
import type { Markup } from "../../report/html/markup.js";
import { linearScale } from "../../report/html/scale.js";
import { legend } from "../../report/html/size-charts.js";
import { formatNumber } from "../../report/format.js";
import type { LoadReport, MergedSlice } from "./merge.js";

/** A figure over the run; slices without it are gaps in its line. */
interface Line {
  readonly name: string;
  readonly value: (slice: MergedSlice) => number | undefined;
}

const width = 530;
const height = 250;
const area: Area = { left: 62, right: 512, top: 12, bottom: 218 };

/** The run's curves: what was sent and delivered, how late, who was there, what went wrong; faults as bands behind. */
export function timeCharts(report: LoadReport): Markup[] {
  const { sliceSeconds, slices } = report;
  const perSecond = (read: (slice: MergedSlice) => number | undefined) => (slice: MergedSlice) =>
    (read(slice) ?? 0) / sliceSeconds;
  const charts: (readonly [string, string, readonly Line[]])[] = [
    [
      "Sent and acknowledged",
      "/s",
      [
        { name: "sent", value: perSecond(({ counters }) => counters["xmtp.sent"]) },
        { name: "acknowledged", value: perSecond(({ counters }) => counters["xmtp.acknowledged"]) },
      ],
    ],
    [
      "Delivered",
      "/s",
      [{ name: "delivered", value: perSecond(({ counters }) => counters["xmtp.delivered"]) }],
    ],
    ["Delivery", "ms", percentiles("xmtp.delivery_ms")],
    ["Send", "ms", percentiles("xmtp.send_ms")],
    ["Users", "", usersOverTime(slices)],
    [
      "Lost, twice, late, failed",
      "/s",
      [
        { name: "lost", value: perSecond(({ counters }) => counters["xmtp.lost"]) },
        { name: "twice", value: perSecond(({ counters }) => counters["xmtp.duplicate"]) },
        { name: "late", value: perSecond(({ counters }) => counters["xmtp.late"]) },
        { name: "send failed", value: perSecond(({ counters }) => counters["xmtp.send_failed"]) },
        {
          name: "missed in an outage",
          value: perSecond(({ counters }) => counters["xmtp.missed_in_outage"]),
        },
      ],
    ],
  ];
  return charts.map(([title, unit, lines]) => panel(title, unit, lines, report));
}

function percentiles(name: "xmtp.delivery_ms" | "xmtp.send_ms"): Line[] {
  return (["p50", "p95", "p99"] as const).map((at) => ({
    name: at,
    value: ({ histograms }) => histograms[name]?.[at],
  }));
}

/** Users that have signed up and not ended, slice by slice. */
function usersOverTime(slices: readonly MergedSlice[]): Line[] {
  const alive = new Map<MergedSlice, number>();
  let now = 0;
  for (const slice of slices) {
    const { counters } = slice;
    now += counters["xmtp.users.signed_up"] ?? 0;
    now -= (counters["xmtp.users.settled"] ?? 0) + (counters["xmtp.users.died"] ?? 0);
    alive.set(slice, now);
  }
  return [{ name: "users", value: (slice) => alive.get(slice) }];
}

function panel(title: string, unit: string, lines: readonly Line[], report: LoadReport): Markup {
  const { slices, seconds, faults, beganAt } = report;
  const values = lines.map(({ value }) =>
    slices.flatMap((slice) => {
      const y = value(slice);
      return y === undefined ? [] : [[slice.at, y] as const];
    }),
  );
  const most = Math.max(0, ...values.flat().map(([, y]) => y));
  const x = linearScale(seconds, area.left, area.right, 6);
  const y = linearScale(most, area.bottom, area.top);
  const spoken = lines.map(({ name }, at) => {
    const of = values[at] ?? [];
    return `${name}: at most ${formatNumber(Math.max(0, ...of.map(([, value]) => value)))} ${unit}`.trimEnd();
  });
  const bands = faults.map(({ what, from, to }) => {
    const [left, right] = [from, to].map((ms) => x.at(Math.max(0, ms / 1000 - beganAt))) as [number, number];
    const box = { class: "band", x: left, y: area.top, width: right - left, height: area.bottom - area.top };
    return element("rect", box, hint(what));
  });
  const svg = picture(width, height, `${title} over time: ${spoken.join("; ")}`, [
    ...bands,
    ...yAxis(y, area, (value) => `${formatNumber(value)}${unit === "" ? "" : ` ${unit}`}`),
    ...xAxis(x, area, (value) => `${formatNumber(value)} s`),
    ...values.map((points, at) =>
      element(
        "path",
        { class: `series s${at % 8}`, d: pathOf(points.map(([at2, value]) => [x.at(at2), y.at(value)])) },
        hint(spoken[at] ?? ""),
      ),
    ),
  ]);
  return element("figure", { class: "panel" }, [element("figcaption", {}, title), svg, legend(spoken)]);
}
