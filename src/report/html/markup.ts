import { shown } from "../../redaction.js";

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Markup that is safe to put into a page: only `element`, `text` and `join` make it. */
export interface Markup {
  readonly html: string;
}

export type Content = Markup | string | readonly (Markup | string)[];

/** An element of HTML or SVG; strings among its content are escaped, numbers in attributes rounded to 0.01. */
export function element(name: string, attributes: Attributes = {}, content: Content = []): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(typeof value === "number" ? round(value) : (value ?? ""))}"`)
    .join("");
  if (emptyElements.has(name)) return { html: `<${name}${written}>` };
  return { html: `<${name}${written}>${join(content).html}</${name}>` };
}

/** Several pieces one after the other. */
function join(content: Content): Markup {
  if (typeof content === "string") return { html: escape(content) };
  if ("html" in content) return content;
  return { html: content.map((one) => join(one).html).join("") };
}

/** SVG path data, "M x y L x y …". */
export function pathOf(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join(" ");
}

const emptyElements = new Set(["meta", "br", "hr"]);

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escape(text: string): string {
  return shown(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
