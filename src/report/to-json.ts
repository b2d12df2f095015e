import { shown } from "../redaction.js";

/** JSON with two spaces of indent, and each list of numbers on one line: thousands of figures stay readable. */
export function toJson(value: unknown): string {
  const safe = (_key: string, one: unknown): unknown => (typeof one === "string" ? shown(one) : one);
  const text = JSON.stringify(value, safe, 2);
  // A line break cannot occur within a JSON string, so this touches real lists only.
  const numbers = /\[\n\s*(-?[\d.e+-]+(?:,\n\s*-?[\d.e+-]+)*)\n\s*\]/g;
  return `${text.replace(numbers, (_, list: string) => `[${list.replace(/\s+/g, "")}]`)}\n`;
}
