import { clone } from "@bufbuild/protobuf";
import type { DescField, DescMessage, MessageShape } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";

/** What a mutation draws its choices from; each number is taken modulo what there is to choose. */
export interface Draw {
  readonly how: number;
  readonly at: number;
  readonly by: number;
}

/** One field of a message, and how it is bent. */
interface Target {
  /** For example `identity_update.actions[0].add.new_member_signature`. */
  readonly path: string;
  readonly bend: (draw: Draw) => void;
}

/** The paths of all fields of a message, set or not, those of its parts included. */
export function fieldPaths<D extends DescMessage>(schema: D, message: MessageShape<D>): string[] {
  return targets(reflect(schema, clone(schema, message)), "").map(({ path }) => path);
}

/** A copy of the message with one field changed: cleared, set, or given another value. */
export function mutated<D extends DescMessage>(
  schema: D,
  message: MessageShape<D>,
  path: string,
  draw: Draw,
): MessageShape<D> {
  const copy = clone(schema, message);
  const target = targets(reflect(schema, copy), "").find((one) => one.path === path);
  if (!target) throw new Error(`${schema.typeName} has no field at ${path}.`);
  target.bend(draw);
  return copy;
}

function targets(message: ReflectMessage, prefix: string): Target[] {
  return message.fields.flatMap((field) => {
    const path = `${prefix}${field.name}`;
    switch (field.fieldKind) {
      case "scalar":
      case "enum":
        return [{ path, bend: (draw: Draw) => bendValue(message, field, draw) }];
      case "message": {
        const own = {
          path,
          bend: () => (message.isSet(field) ? message.clear(field) : setEmpty(message, field)),
        };
        const parts = message.isSet(field) ? targets(message.get(field), `${path}.`) : [];
        return [own, ...parts];
      }
      case "list": {
        const list = message.get(field);
        const own = {
          path,
          bend: ({ how, at }: Draw) => {
            const items = [...list];
            const where = at % (items.length || 1);
            list.clear();
            const kept =
              how % 2 === 0 ? items.filter((_, index) => index !== where) : [...items, items[where]];
            for (const item of kept) list.add(item);
          },
        };
        const parts = [...list].flatMap((item, index) =>
          field.listKind === "message" ? targets(item as ReflectMessage, `${path}[${index}].`) : [],
        );
        return [own, ...parts];
      }
      default:
        throw new Error(`There are no maps in these messages (${path}).`);
    }
  });
}

function setEmpty(message: ReflectMessage, field: DescField & { fieldKind: "message" }): void {
  message.set(field, reflect(field.message));
}

function bendValue(
  message: ReflectMessage,
  field: DescField & { fieldKind: "scalar" | "enum" },
  draw: Draw,
): void {
  const value: unknown = message.get(field);
  if (value instanceof Uint8Array) message.set(field, bentBytes(value, draw));
  else if (typeof value === "string") message.set(field, bentText(value, draw));
  else if (typeof value === "boolean") message.set(field, !value);
  else if (typeof value === "bigint")
    message.set(field, BigInt.asUintN(64, value ^ (1n << BigInt(draw.at % 64))));
  else if (typeof value === "number") message.set(field, value ^ (1 << (draw.at % 8)));
  else throw new Error(`${field.name} holds a ${typeof value}.`);
}

/** One bit flipped, a byte less or more, nothing at all, or other bytes of the same length. */
export function bentBytes(bytes: Uint8Array, { how, at, by }: Draw): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const where = at % (bytes.length || 1);
  switch (bytes.length === 0 ? 2 : how % 5) {
    case 0:
      copy[where] = (copy[where] ?? 0) ^ (1 << (by % 8));
      return copy;
    case 1:
      return copy.subarray(0, -1);
    case 2:
      return Uint8Array.of(...copy, by % 256);
    case 3:
      return new Uint8Array();
    default:
      return copy.map((byte, index) => byte ^ (1 + ((by + index * 31) % 255)));
  }
}

function bentText(text: string, { how, at, by }: Draw): string {
  const where = at % (text.length || 1);
  switch (text.length === 0 ? 1 : how % 4) {
    case 0: {
      const digit = "0123456789abcdef"[by % 16] ?? "";
      return text.slice(0, where) + (digit === text[where] ? "g" : digit) + text.slice(where + 1);
    }
    case 1:
      return `${text}${by % 10}`;
    case 2:
      return text.toUpperCase();
    default:
      return "";
  }
}
