import type { Band, Diagram } from "./diagram.js";
import type { Layout } from "./layout.js";
import { fitting } from "./layout.js";
import { cutText, element, textElement } from "./svg.js";

/** Stream states along the lifelines. */
export function drawBars(diagram: Diagram, layout: Layout): string[] {
  return diagram.bars.map(({ column, state, from, to }) => {
    const x = layout.x(column);
    const end = to === diagram.rows.length ? layout.bottom : layout.y(to);
    return element("line", { class: state, x1: x, x2: x, y1: layout.y(from), y2: end });
  });
}

/** Faults as bands behind the workers they hit, from where they were put on to where they were lifted. */
export function drawBands(diagram: Diagram, layout: Layout): string[] {
  return diagram.bands.flatMap((band) => {
    const y = layout.y(band.from) - 11;
    const bottom = band.to === undefined ? layout.bottom : layout.y(band.to) + 6;
    return neighbors(band).map((run) =>
      element("rect", { class: "band", ...across(run, layout), y, height: bottom - y, rx: 6 }),
    );
  });
}

/** What the faults are called; over the lifelines, so that no line crosses the words. */
export function drawBandNames(diagram: Diagram, layout: Layout): string[] {
  return diagram.bands.flatMap((band) =>
    neighbors(band)
      .slice(0, 1)
      .map((run) => {
        const { x, width } = across(run, layout);
        const words = cutText(band.label, fitting((width - 14) * 0.88));
        return textElement({ class: "bandname halo", x: x + 7, y: layout.y(band.from) + 3 }, words);
      }),
  );
}

function across([first, last]: readonly [number, number], layout: Layout): { x: number; width: number } {
  const x = layout.x(first) - layout.columnWidth / 2 + 4;
  return { x, width: (last - first + 1) * layout.columnWidth - 8 };
}

/** Runs of neighboring columns. */
function neighbors({ columns }: Band): [first: number, last: number][] {
  const runs: [number, number][] = [];
  for (const column of columns) {
    const run = runs.at(-1);
    if (run && run[1] >= column - 1) run[1] = column;
    else runs.push([column, column]);
  }
  return runs;
}

/** Events on one lifeline. Where it is dense, a row's marks of one kind share the first one's label. */
export function drawMarks(diagram: Diagram, layout: Layout): string[] {
  const labelled = new Set<string>();
  return diagram.marks.flatMap(({ column, row, look, label }) => {
    const { x, y } = { x: layout.x(column), y: layout.y(row) };
    const shape =
      look === "update"
        ? element("path", { class: look, d: `M${x} ${y - 5}l5 5l-5 5l-5 -5Z` })
        : element("circle", { class: `dot ${look}`, cx: x, cy: y, r: 4 });
    const key = `${row} ${label}`;
    if (labelled.has(key)) return [shape];
    if (look === "update" || layout.dense) labelled.add(key);
    const reach = layout.dense || look === "update" ? layout.columnWidth * 2.6 : layout.columnWidth - 18;
    return [
      shape,
      textElement(
        { class: `${look} halo`, x: x + 9, y: y + 3.5 },
        cutText(label, fitting(Math.min(reach, layout.width - x - 12))),
      ),
    ];
  });
}
