/** What the control API writes: JSON as Go's `encoding/json` writes it. */
export type Encodable =
  | null
  | boolean
  | string
  | number
  | bigint
  | Float32
  | readonly Encodable[]
  | { readonly [key: string]: Encodable };

/** A number written as Go writes a float32: the shortest text that reads back the same. */
export class Float32 {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Encodes `value`; `<`, `>` and `&` become escapes, as Go's encoder does. */
export function encode(value: Encodable): string {
  if (value === null) return "null";
  if (typeof value === "string") return encodeString(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof Float32) return shortestFloat32(value.value);
  if (isList(value)) return `[${value.map(encode).join(",")}]`;
  return `{${Object.entries(value)
    .map(([key, member]) => `${encodeString(key)}:${encode(member)}`)
    .join(",")}}`;
}

function isList(value: Encodable): value is readonly Encodable[] {
  return Array.isArray(value);
}

function encodeString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Go and JavaScript write a float alike: plain up to 1e21, in exponent form beyond. */
function shortestFloat32(value: number): string {
  if (Object.is(value, -0)) return "-0";
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}
