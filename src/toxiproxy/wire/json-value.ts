/**
 * A JSON value as Go's decoder sees it: numbers keep their text, because an integer field takes `100`
 * and refuses `100.0` and `1e2`, and object members keep their order and their repeats.
 */
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;

export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export class JsonObject {
  readonly members: readonly (readonly [string, JsonValue])[];
  constructor(members: readonly (readonly [string, JsonValue])[]) {
    this.members = members;
  }
}

/** The word Go's messages use for the kind of a value. */
export function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (value instanceof JsonNumber) return "number";
  return Array.isArray(value) ? "array" : "object";
}
