/** JSON with two spaces of indent, and each list of numbers on one line: thousands of figures stay readable. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  // A line break cannot occur within a JSON string, so this touches real lists only.
  const numbers = /\[\n\s*(-?[\d.e+-]+(?:,\n\s*-?[\d.e+-]+)*)\n\s*\]/g;
  return `${text.replace(numbers, (_, list: string) => `[${list.replace(/\s+/g, "")}]`)}\n`;
}
