/** Writing SVG text: escaping, numbers, elements. */

import { redacted, shown } from "../redaction.js";

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element; `children` are already SVG, `text` is not. Numbers are rounded to tenths, so output is stable. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined
      ? []
      : [` ${key}="${typeof value === "number" ? decimal(value) : escapeText(value)}"`],
  );
  const head = `<${name}${list.join("")}`;
  return children.length === 0 ? `${head}/>` : `${head}>${children.join("")}</${name}>`;
}

export function textElement(attributes: Attributes, content: string): string {
  return element("text", attributes, [escapeText(content)]);
}

/** Text for XML 1.0: markup escaped; control characters and lone surrogates, which it cannot hold, replaced. */
export function escapeText(text: string): string {
  return shown(text)
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, "\u{FFFD}")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}

/** At most `length` characters, never half of one. */
export function cutText(text: string, length: number): string {
  const characters = Array.from(redacted(text).replace(/\s+/g, " "));
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`;
}

function decimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}
