import { badBody } from "./api-error.js";
import { JsonNumber, JsonObject, kindOf } from "./json-value.js";
import { JsonSyntaxError, parseJson } from "./json-parse.js";
import type { JsonValue } from "./json-value.js";

/**
 * Reads a request body the way Go's `encoding/json` fills a struct: keys match in any case, unknown keys
 * and `null` are ignored, the last of a repeated key wins, and the first wrong type is what is reported.
 */
export type Fields = Readonly<Record<string, (value: JsonValue) => void>>;

/** Collects the first type error while the rest of the value is still read, as Go does. */
export class TypeErrors {
  #first: string | undefined;

  add(value: JsonValue, where: string, type: string, detail = ""): void {
    this.#first ??= `json: cannot unmarshal ${kindOf(value)}${detail} into Go ${where} of type ${type}`;
  }

  /** @throws ApiError 400 with the first type error, if there was one */
  throwIfAny(): void {
    if (this.#first !== undefined) throw badBody(this.#first);
  }
}

/** @throws ApiError 400 "bad request body: …" when the text does not start with a JSON value */
export function parseBody(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw badBody(error.message);
    throw error;
  }
}

/** Walks an object's members into `fields`; `where` and `type` are the words for a value that is not an object. */
export function readObject(
  value: JsonValue,
  fields: Fields,
  errors: TypeErrors,
  where: string,
  type: string,
): void {
  if (value === null) return;
  if (!(value instanceof JsonObject)) {
    errors.add(value, where, type);
    return;
  }
  for (const [key, member] of value.members) {
    const read = fields[key.toLowerCase()];
    if (read && Object.hasOwn(fields, key.toLowerCase()) && member !== null) read(member);
  }
}

export function readString(errors: TypeErrors, field: string, set: (value: string) => void) {
  return (value: JsonValue): void => {
    if (typeof value === "string") set(value);
    else errors.add(value, `struct field ${field}`, "string");
  };
}

export function readBool(errors: TypeErrors, field: string, set: (value: boolean) => void) {
  return (value: JsonValue): void => {
    if (typeof value === "boolean") set(value);
    else errors.add(value, `struct field ${field}`, "bool");
  };
}

export function readFloat32(errors: TypeErrors, field: string, set: (value: number) => void) {
  return (value: JsonValue): void => {
    const number = value instanceof JsonNumber ? Math.fround(Number(value.text)) : Number.NaN;
    if (Number.isFinite(number)) set(number);
    else
      errors.add(
        value,
        `struct field ${field}`,
        "float32",
        value instanceof JsonNumber ? ` ${value.text}` : "",
      );
  };
}

const INT64_MAX = (1n << 63n) - 1n;
const INT64_MIN = -(1n << 63n);

export function readInt64(
  errors: TypeErrors,
  field: string,
  set: (value: bigint) => void,
  type: "int" | "int64" = "int64",
) {
  return (value: JsonValue): void => {
    const text = value instanceof JsonNumber ? value.text : "";
    // 20 characters hold every int64; longer digits are out of range without building the number.
    const number = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
    if (number !== undefined && number <= INT64_MAX && number >= INT64_MIN) set(number);
    else errors.add(value, `struct field ${field}`, type, value instanceof JsonNumber ? ` ${text}` : "");
  };
}
