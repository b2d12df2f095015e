import type { Diagram } from "./diagram.js";

/** Where everything goes; px. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  readonly columnWidth: number;
  /** From this many columns on, names, latencies and marks get less room. */
  readonly dense: boolean;
  x(column: number): number;
  y(row: number): number;
}

const gutter = 72;
/** Room for what is said beside the last lifeline. */
const rightMargin = 48;
const rowHeight = 28;
const headHeight = 40;
/** Average advance of the 11 px system font; px. Only used to cut texts, so it may be rough. */
const characterWidth = 6;

/** How wide the picture of these columns is; px. */
export function widthOf({ columns }: Pick<Diagram, "columns">): number {
  const count = Math.max(1, columns.length);
  return gutter + count * columnWidthFor(count) + rightMargin;
}

function columnWidthFor(count: number): number {
  if (count <= 3) return 220;
  if (count <= 6) return 160;
  return count <= 10 ? 110 : 84;
}

export function layoutOf(diagram: Diagram, titleLines: number, footLines: number): Layout {
  const count = Math.max(1, diagram.columns.length);
  const columnWidth = columnWidthFor(count);
  const top = 16 + titleLines * 18 + headHeight;
  const bottom = top + 22 + Math.max(1, diagram.rows.length) * rowHeight;
  return {
    width: widthOf(diagram),
    height: bottom + 24 + footLines * 16,
    top,
    bottom,
    columnWidth,
    dense: count > 6,
    x: (column) => gutter + (column + 0.5) * columnWidth,
    y: (row) => top + 24 + row * rowHeight,
  };
}

/** How many characters fit. */
export function fitting(px: number): number {
  return Math.max(4, Math.floor(px / characterWidth));
}
