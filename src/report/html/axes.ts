import { element } from "./markup.js";
import type { Markup } from "./markup.js";
import type { Scale } from "./scale.js";

/** The drawing area of a chart within its picture, in pixels. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A picture that a screen reader reads as `label`. */
export function picture(width: number, height: number, label: string, content: readonly Markup[]): Markup {
  const viewBox = `0 0 ${width} ${height}`;
  return element(
    "svg",
    { viewBox, role: "img", "aria-label": label, style: `max-width:${width}px` },
    content,
  );
}

/** Grid lines across and their figures on the left. */
export function yAxis(scale: Scale, area: Area, text: (value: number) => string): Markup[] {
  return scale.ticks.flatMap((tick) => {
    const y = scale.at(tick);
    return [
      element("line", { class: "grid", x1: area.left, x2: area.right, y1: y, y2: y }),
      label(area.left - 6, y + 3.5, text(tick), "end"),
    ];
  });
}

/** Grid lines down and their figures below. */
export function xAxis(scale: Scale, area: Area, text: (value: number) => string): Markup[] {
  return scale.ticks.flatMap((tick) => {
    const x = scale.at(tick);
    return [
      element("line", { class: "grid", x1: x, x2: x, y1: area.top, y2: area.bottom }),
      label(x, area.bottom + 15, text(tick), "middle"),
    ];
  });
}

export function label(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): Markup {
  return element("text", { class: "label", x, y, "text-anchor": anchor }, text);
}

/** The text that shows when a pointer rests on a mark. */
export function hint(text: string): Markup {
  return element("title", {}, text);
}
