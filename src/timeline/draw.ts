import { drawArrows, drawLost, drawSends } from "./draw-messages.js";
import { drawBandNames, drawBands, drawBars, drawMarks } from "./draw-states.js";
import type { Diagram } from "./diagram.js";
import type { Layout } from "./layout.js";
import { fitting, layoutOf, widthOf } from "./layout.js";
import { style } from "./style.js";
import { cutText, element, escapeText, textElement } from "./svg.js";

export interface Heading {
  readonly title: string;
  readonly subtitle: string;
  /** Monotonic ms that count as 0. */
  readonly start: number;
  readonly violations: readonly string[];
}

/** How many violations are listed below the picture. */
const listed = 8;

export function drawDiagram(diagram: Diagram, heading: Heading): string {
  const notes = footNotes(diagram, heading.violations, widthOf(diagram));
  const layout = layoutOf(diagram, heading.subtitle === "" ? 1 : 2, notes.length + 1);
  const { width, height } = layout;
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-labelledby": "title desc",
    },
    [
      element("title", { id: "title" }, [escapeText(heading.title)]),
      element("desc", { id: "desc" }, [escapeText(describe(diagram, heading.violations))]),
      element("style", {}, [style]),
      element("rect", { class: "paper", width, height }),
      ...drawHeading(heading, layout),
      ...drawBands(diagram, layout),
      ...drawLifelines(diagram, layout),
      ...drawBars(diagram, layout),
      ...drawBandNames(diagram, layout),
      ...drawTimes(diagram, layout, heading.start),
      ...drawArrows(diagram, layout),
      ...drawLost(diagram, layout),
      ...drawSends(diagram, layout),
      ...drawMarks(diagram, layout),
      ...drawNotes(notes, layout),
    ],
  )}\n`;
}

function describe(diagram: Diagram, violations: readonly string[]): string {
  const { columns, sends, arrows } = diagram;
  const faulty = violations.length === 0 ? "" : ` Violations: ${violations.slice(0, listed).join("; ")}.`;
  return `${columns.length} workers (${columns.join(", ")}), ${sends.length} sends, ${arrows.length} receipts.${faulty}`;
}

function drawHeading({ title, subtitle }: Heading, { width }: Layout): string[] {
  const length = fitting(width - 32);
  return [
    textElement({ class: "title", x: 16, y: 24 }, cutText(title, Math.floor(length * 0.8))),
    ...(subtitle === "" ? [] : [textElement({ class: "faint", x: 16, y: 41 }, cutText(subtitle, length))]),
  ];
}

function drawLifelines(diagram: Diagram, layout: Layout): string[] {
  const boxWidth = layout.columnWidth - (layout.dense ? 8 : 24);
  return diagram.columns.flatMap((name, column) => {
    const x = layout.x(column);
    const label = cutText(name, fitting(boxWidth - 8));
    return [
      element("line", { class: "life", x1: x, x2: x, y1: layout.top - 8, y2: layout.bottom }),
      element("rect", {
        class: "head",
        x: x - boxWidth / 2,
        y: layout.top - 34,
        width: boxWidth,
        height: 26,
        rx: 6,
      }),
      textElement({ class: "name", x, y: layout.top - 16.5, "text-anchor": "middle" }, label),
    ];
  });
}

function drawTimes(diagram: Diagram, layout: Layout, start: number): string[] {
  let last = "";
  return diagram.rows.flatMap((row, index) => {
    const y = layout.y(index) + 3.5;
    if (row.kind === "break")
      return [textElement({ class: "time", x: 62, y, "text-anchor": "end" }, `… ${row.hidden} more`)];
    const time = `+${((row.at - start) / 1_000).toFixed(3)} s`;
    if (time === last) return [];
    last = time;
    return [textElement({ class: "time", x: 62, y, "text-anchor": "end" }, time)];
  });
}

interface Note {
  readonly look: string;
  readonly text: string;
}

function footNotes(diagram: Diagram, violations: readonly string[], width: number): Note[] {
  const { arrows, lost, bands, hidden } = diagram;
  const legend = [
    "● send → receipt",
    "green lifeline: stream live, dashed red: lost",
    ...(arrows.some((one) => one.kind === "gap") ? ["dashed arrow: read from the database after a gap"] : []),
    ...(bands.length > 0 ? ["band: fault"] : []),
    ...(lost.length > 0 ? ["✕: never received"] : []),
    ...(hidden > 0 ? [`… ${hidden} more events are in timeline.json`] : []),
  ];
  const rest = violations.length - listed;
  return [
    ...violations.slice(0, listed).map((text) => ({ look: "bad strong", text: `✕ ${text}` })),
    ...(rest > 0 ? [{ look: "bad", text: `… ${rest} more violations` }] : []),
    ...lines(legend, width).map((text) => ({ look: "faint", text })),
  ];
}

/** Joins short parts into lines that fit. */
function lines(parts: readonly string[], width: number): string[] {
  const done: string[] = [];
  for (const part of parts) {
    const joined = done.length === 0 ? part : `${done.at(-1)} · ${part}`;
    if (done.length > 0 && joined.length <= fitting(width - 32)) done[done.length - 1] = joined;
    else done.push(part);
  }
  return done;
}

function drawNotes(notes: readonly Note[], layout: Layout): string[] {
  return notes.map(({ look, text }, index) =>
    textElement(
      { class: look, x: 16, y: layout.bottom + 28 + index * 16 },
      cutText(text, fitting(layout.width - 32)),
    ),
  );
}
