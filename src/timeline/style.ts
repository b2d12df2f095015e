/** How many colors senders take turns in; the style below has one rule for each. */
export const senderColors = 6;

const light = ["#0b62c4", "#8a3ab9", "#0f766e", "#b45309", "#be185d", "#4d6b0a"];
const dark = ["#6db3ff", "#cf9bff", "#5fd6c8", "#f5b25c", "#ff8fc0", "#b7d66b"];

function senders(colors: readonly string[]): string {
  return colors.map((color, index) => `.c${index}{stroke:${color};fill:${color}}`).join("");
}

/**
 * The picture's only style. It paints its own background, because a report may be dark while the system is light;
 * text and marks have a contrast of at least 4.5 to 1 on it in both schemes. Fonts are the system's.
 */
export const style = [
  "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;font-size:11px;fill:var(--ink);stroke:none}",
  "svg{--paper:#fff;--ink:#1f2328;--faint:#59636e;--line:#d1d9e0;--head:#f6f8fa;--good:#1a7f37;--bad:#cf222e;--warn:#9a6700;--band:#fb8f44;--bandink:#8a3c00;--foreign:#8250df}",
  senders(light),
  `@media (prefers-color-scheme:dark){svg{--paper:#0d1117;--ink:#e6edf3;--faint:#9198a1;--line:#3d444d;--head:#161b22;--good:#3fb950;--bad:#ff7b72;--warn:#d29922;--band:#db6d28;--bandink:#ffb77c;--foreign:#bc8cff}${senders(dark)}}`,
  ".paper{fill:var(--paper)}.head{fill:var(--head);stroke:var(--line)}.name{font-weight:600;font-size:12px}",
  ".title{font-size:14px;font-weight:600}.faint{fill:var(--faint);font-size:10px}.time{fill:var(--faint);font-size:10px;font-variant-numeric:tabular-nums}",
  ".life{stroke:var(--line);stroke-width:1}.live{stroke:var(--good);stroke-width:4;opacity:.75}.lost{stroke:var(--bad);stroke-width:4;stroke-dasharray:3 3}.failed{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:1 3}",
  ".halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}",
  ".arrow{fill:none!important;stroke-width:1.4}.dash{stroke-dasharray:5 3}.dot{stroke:var(--paper);stroke-width:1.5}",
  ".duplicate{stroke:var(--warn);fill:var(--warn)}.missing{stroke:var(--bad);fill:none;stroke-width:1.6}.open{stroke:var(--warn);fill:var(--paper);stroke-width:2}.cross{stroke:var(--bad);fill:none;stroke-width:2.4;stroke-linecap:round}",
  ".good{fill:var(--good)}.bad{fill:var(--bad)}.plain{fill:var(--faint)}.foreign{fill:var(--foreign)}.update{fill:var(--ink)}.warn{fill:var(--warn)}",
  ".band{fill:var(--band);fill-opacity:.14;stroke:var(--band);stroke-opacity:.55;stroke-dasharray:4 3}.bandname{fill:var(--bandink);font-weight:600}.strong{font-weight:600}",
].join("");
