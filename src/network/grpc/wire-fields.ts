import { ScalarType } from "@bufbuild/protobuf";
import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** Wire types (https://protobuf.dev/programming-guides/encoding, "Message Structure"). */
export const Wire = { VARINT: 0, BIT64: 1, DELIMITED: 2, START_GROUP: 3, END_GROUP: 4, BIT32: 5 } as const;

/** How values of a field lie on the wire. */
export interface WireField {
  readonly type: number;
  /** Whether several values may also come in one length-delimited run. */
  readonly packable: boolean;
  readonly content: "text" | "bytes" | "message" | "map" | "number";
  /** Fields of what is in it, for a message or an entry of a map. */
  readonly fields: () => WireFields;
}

export type WireFields = ReadonlyMap<number, WireField>;

const NO_FIELDS: WireFields = new Map();
const known = new WeakMap<DescMessage, WireFields>();

export function fieldsOf(schema: DescMessage): WireFields {
  let fields = known.get(schema);
  if (!fields) {
    fields = new Map(schema.fields.map((field) => [field.number, wireField(field)]));
    known.set(schema, fields);
  }
  return fields;
}

function wireField(field: DescField): WireField {
  switch (field.fieldKind) {
    case "scalar":
      return scalar(field.scalar);
    case "enum":
      return scalar(ScalarType.INT32);
    case "message":
      return message(field.message);
    case "list":
      if (field.listKind === "message") return message(field.message);
      return repeated(scalar(field.listKind === "enum" ? ScalarType.INT32 : field.scalar));
    case "map": {
      const value =
        field.mapKind === "message"
          ? message(field.message)
          : scalar(field.mapKind === "enum" ? ScalarType.INT32 : field.scalar);
      const entry: WireFields = new Map([
        [1, scalar(field.mapKey)],
        [2, value],
      ]);
      return { ...delimited("map"), fields: () => entry };
    }
  }
}

function scalar(type: ScalarType): WireField {
  switch (type) {
    case ScalarType.STRING:
      return delimited("text");
    case ScalarType.BYTES:
      return delimited("bytes");
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.FLOAT:
      return number(Wire.BIT32);
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.DOUBLE:
      return number(Wire.BIT64);
    default:
      return number(Wire.VARINT);
  }
}

function repeated(one: WireField): WireField {
  return { ...one, packable: one.content === "number" };
}

function message(schema: DescMessage): WireField {
  return { ...delimited("message"), fields: () => fieldsOf(schema) };
}

function delimited(content: WireField["content"]): WireField {
  return { type: Wire.DELIMITED, packable: false, content, fields: () => NO_FIELDS };
}

function number(type: number): WireField {
  return { type, packable: false, content: "number", fields: () => NO_FIELDS };
}
