import type { Arrow, Diagram, SendMark } from "./diagram.js";
import type { Layout } from "./layout.js";
import { fitting } from "./layout.js";
import { senderColors } from "./style.js";
import { cutText, element, textElement } from "./svg.js";

function color(send: SendMark): string {
  return `c${send.column % senderColors}`;
}

/** An arrow from each send to each receipt: level where the receipt came before anything else happened. */
export function drawArrows(diagram: Diagram, layout: Layout): string[] {
  return diagram.arrows.flatMap((arrow) => {
    const { send, column, row, kind } = arrow;
    const from = { x: layout.x(send.column), y: layout.y(send.row) };
    const to = { x: layout.x(column), y: layout.y(row) };
    const look = kind === "duplicate" ? "duplicate" : color(send);
    const side = Math.sign(to.x - from.x) || 1;
    return [
      element("path", {
        class: `arrow ${look}${kind === "gap" ? " dash" : ""}`,
        d: path([from, before(to, from, 9)]),
      }),
      arrowHead(from, before(to, from, 4), look),
      element("circle", { class: `dot ${look}`, cx: to.x, cy: to.y, r: 3 }),
      ...receiptLabel(arrow, to, side, layout),
    ];
  });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The point `distance` px before `to` on the way from `from`. */
function before(to: Point, from: Point, distance: number): Point {
  const length = Math.max(1, Math.hypot(to.x - from.x, to.y - from.y));
  return { x: to.x - ((to.x - from.x) / length) * distance, y: to.y - ((to.y - from.y) / length) * distance };
}

function path(points: readonly Point[]): string {
  return points
    .map((point, index) => `${index === 0 ? "M" : "L"}${round(point.x)} ${round(point.y)}`)
    .join("");
}

function arrowHead(from: Point, tip: Point, look: string): string {
  const angle = Math.atan2(tip.y - from.y, tip.x - from.x);
  const corner = (turn: number): Point => {
    return { x: tip.x - 8 * Math.cos(angle + turn), y: tip.y - 8 * Math.sin(angle + turn) };
  };
  return element("path", { class: look, d: `${path([tip, corner(0.4), corner(-0.4)])}Z` });
}

/** How long it took, or what is odd about it, under the arrow's end. Plain latencies are left out when it is dense. */
function receiptLabel(arrow: Arrow, to: Point, side: number, layout: Layout): string[] {
  const latency = duration(arrow.latencyMs);
  const words = { first: latency, duplicate: `again, ${latency}`, gap: `from database, ${latency}` }[
    arrow.kind
  ];
  if (layout.dense && arrow.kind === "first") return [];
  const look = arrow.kind === "duplicate" ? "faint warn halo" : "faint halo";
  return [
    textElement(
      { class: look, x: to.x - side * 12, y: to.y + 11, "text-anchor": side > 0 ? "end" : "start" },
      words,
    ),
  ];
}

/** The sends themselves: a dot, what was said, and how the send ended where that was not well. */
export function drawSends(diagram: Diagram, layout: Layout): string[] {
  return diagram.sends.flatMap((send) => {
    const { event, column, row } = send;
    const { x, y } = { x: layout.x(column), y: layout.y(row) };
    const right = isToTheRight(send, diagram);
    const room = right ? layout.width - x : x - 72;
    const problem = event.automatic && event.outcome === "ok" ? " (automatic)" : outcomes[event.outcome];
    const words = said(event.contentType, event.payload.text);
    const reach = Math.min(room - 16, layout.columnWidth * (layout.dense ? 2.6 : 1.2));
    const attributes = { x: x + (right ? 9 : -9), y: y - 5, "text-anchor": right ? "start" : "end" };
    const bad = event.outcome === "failed" || event.outcome === "unknown";
    return [
      bad
        ? element("circle", { class: event.outcome === "failed" ? "missing" : "open", cx: x, cy: y, r: 4.5 })
        : element("circle", { class: `dot ${color(send)}`, cx: x, cy: y, r: 5 }),
      textElement(
        { class: `halo${bad ? (event.outcome === "failed" ? " bad" : " warn") : ""}`, ...attributes },
        cutText(words, fitting(reach) - problem.length) + problem,
      ),
    ];
  });
}

const outcomes = {
  ok: "",
  pending: " (pending)",
  failed: " (failed)",
  unknown: " (outcome unknown)",
} as const;

function said(contentType: string, text: string): string {
  return contentType === "text" ? text : `${contentType}: ${text}`;
}

/** Labels go where the arrows go; to the right where they go both ways. */
function isToTheRight(send: SendMark, diagram: Diagram): boolean {
  const targets = [...diagram.arrows, ...diagram.lost].filter((one) => one.send === send);
  if (targets.length === 0) return send.column < diagram.columns.length - 1 || diagram.columns.length === 1;
  return targets.some((one) => one.column > send.column);
}

/** A message that never came: a broken arrow that stops short of the receiver, with a cross. */
export function drawLost(diagram: Diagram, layout: Layout): string[] {
  return diagram.lost.flatMap(({ send, column }) => {
    const from = { x: layout.x(send.column), y: layout.y(send.row) };
    const x = layout.x(column);
    const side = Math.sign(x - from.x) || 1;
    const end = { x: x - side * 16, y: from.y + 8 };
    const knee = { x: from.x + side * 14, y: from.y + 8 };
    const cross = `M${round(end.x - 5)} ${round(end.y - 5)}l10 10m0 -10l-10 10`;
    return [
      element("path", { class: "missing dash", d: path([from, knee, { x: end.x - side * 8, y: end.y }]) }),
      element("path", { class: "cross", d: cross }),
      textElement(
        {
          class: "bad strong halo",
          x: end.x - side * 12,
          y: end.y + 12,
          "text-anchor": side > 0 ? "end" : "start",
        },
        layout.dense ? "lost" : "never received",
      ),
    ];
  });
}

function duration(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms >= 100 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
