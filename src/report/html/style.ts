/** The page's style sheet: system fonts, light and dark, no outside file. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #15191f; --soft: #56606d; --line: #dfe3e8; --grid: #e9ecf0;
  --good: #12805c; --bad: #c4292f; --warn: #a35a00; --accent: #2457d6; --band: #2457d614;
  --s0: #2457d6; --s1: #c25e00; --s2: #0b8261; --s3: #7a3fd0; --s4: #c42b7c; --s5: #0b7d97; --s6: #5c7a10; --s7: #56606d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1116; --card: #171b22; --ink: #e8ebf0; --soft: #9ba6b4; --line: #2a313b; --grid: #232a33;
    --good: #46c99a; --bad: #ff7b78; --warn: #f0b04f; --accent: #7ea6ff; --band: #7ea6ff1f;
    --s0: #7ea6ff; --s1: #f7a94a; --s2: #46c99a; --s3: #b795ff; --s4: #ff8ac4; --s5: #4fcfe6; --s6: #b3d65a; --s7: #9ba6b4;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 32px 20px 64px; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 6px 14px; margin-bottom: 20px; }
h1 { font-size: 26px; font-weight: 650; letter-spacing: -.015em; margin: 0; }
h2 { font-size: 17px; font-weight: 620; margin: 36px 0 10px; letter-spacing: -.005em; }
p { margin: 0 0 10px; } .soft, .note { color: var(--soft); } .note { font-size: 13px; margin: 8px 0 0; }
.status { font-size: 13px; font-weight: 600; padding: 2px 11px; border-radius: 99px; border: 1px solid currentColor; }
.tone-good { color: var(--good); } .tone-bad { color: var(--bad); } .tone-warn { color: var(--warn); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 12px; margin: 0; }
.tiles div, .card, figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tiles div { padding: 12px 14px; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tiles dt { color: var(--soft); font-size: 13px; } .tiles dd { margin: 0; font-size: 24px; font-weight: 620; font-variant-numeric: tabular-nums; line-height: 1.25; }
.card { overflow-x: auto; } .card.padded { padding: 12px 16px; } .card ul { margin: 0; padding-left: 18px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft); white-space: nowrap; }
th, td { padding: 7px 14px; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; } tbody th { color: var(--ink); font-size: 14px; font-weight: 500; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.panels { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); }
.panels.large { grid-template-columns: repeat(auto-fill, minmax(min(480px, 100%), 1fr)); }
figure { margin: 0; padding: 12px 12px 10px; overflow-x: auto; }
figure svg { display: block; width: 100%; height: auto; } figure.wide svg { min-width: 720px; }
.panel figcaption { font-weight: 600; font-size: 14px; padding: 0 4px 6px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 6px 4px 0; padding: 0; font-size: 13px; color: var(--soft); }
.swatch { display: inline-block; width: 12px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; background: var(--c); }
.label { font-size: 11.5px; fill: var(--soft); font-variant-numeric: tabular-nums; } .grid { stroke: var(--grid); } .band { fill: var(--band); }
.s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); }
.s4 { --c: var(--s4); } .s5 { --c: var(--s5); } .s6 { --c: var(--s6); } .s7 { --c: var(--s7); }
.series { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; } .dashed { stroke-dasharray: 5 4; stroke-width: 1.5; }
.thin { stroke-width: 1; } .thick { stroke-width: 4; stroke-linecap: round; } .dot { fill: var(--c); stroke: var(--card); stroke-width: 1.5; }
.ring { fill: var(--card); } .area { fill: var(--c); stroke: none; opacity: .1; } .hit { fill: transparent; }
.good { fill: var(--good); --v: var(--good); } .bad { fill: var(--bad); --v: var(--bad); } .calm { fill: var(--accent); --v: var(--accent); }
.faint { fill: var(--soft); --v: var(--soft); } .stroke { stroke: var(--v); stroke-width: 3; stroke-linecap: round; opacity: .55; }
@media print { main { max-width: none; } figure, tr { break-inside: avoid; } }
`;
