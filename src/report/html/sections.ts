import type { Table } from "../table.js";
import { element } from "./markup.js";
import type { Content, Markup } from "./markup.js";

/** A heading with what belongs under it; nothing when there is nothing. */
export function section(title: string, body: readonly (Markup | undefined)[], note?: string): Markup[] {
  const present = body.filter((one) => one !== undefined);
  if (present.length === 0) return [];
  const id = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return [
    element("section", { "aria-labelledby": id }, [
      element("h2", { id }, title),
      ...(note === undefined ? [] : [element("p", { class: "soft" }, note)]),
      ...present,
    ]),
  ];
}

/** A table whose first column names its rows; `undefined` without rows. */
export function tableOf({ head, numeric, rows }: Table, caption: string): Markup | undefined {
  if (rows.length === 0) return undefined;
  const classOf = (i: number): string | undefined => (numeric.includes(i) ? "num" : undefined);
  const cells = head.map((text, i) => element("th", { scope: "col", class: classOf(i) }, text));
  const body = rows.map((row) =>
    element(
      "tr",
      {},
      row.map((text, i) =>
        i === 0 ? element("th", { scope: "row" }, text) : element("td", { class: classOf(i) }, text),
      ),
    ),
  );
  return card(
    element("table", { "aria-label": caption }, [
      element("thead", {}, element("tr", {}, cells)),
      element("tbody", {}, body),
    ]),
    caption,
  );
}

export function listOf(items: readonly string[]): Markup | undefined {
  if (items.length === 0) return undefined;
  const list = items.map((item) => element("li", {}, item));
  return element("div", { class: "card padded" }, element("ul", {}, list));
}

export function panels(charts: readonly Markup[], large: boolean): Markup | undefined {
  if (charts.length === 0) return undefined;
  return element("div", { class: large ? "panels large" : "panels" }, charts);
}

export interface Tile {
  readonly name: string;
  readonly value: string;
  readonly tone?: "good" | "bad" | "warn" | undefined;
}

export function tiles(all: readonly Tile[]): Markup {
  const items = all.map(({ name, value, tone }) =>
    element("div", {}, [
      element("dt", {}, name),
      element("dd", { class: tone === undefined ? undefined : `tone-${tone}` }, value),
    ]),
  );
  return element("dl", { class: "tiles" }, items);
}

/** Wide tables scroll in their card; the focus makes that possible by keyboard. */
function card(content: Content, name: string): Markup {
  return element("div", { class: "card", tabindex: "0", role: "region", "aria-label": name }, content);
}
