import { isUtf8 } from "node:buffer";
import { fromBinary } from "@bufbuild/protobuf";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Wire, fieldsOf } from "./wire-fields.js";
import type { WireField, WireFields } from "./wire-fields.js";

/** Bytes that are not a message, in the words of Go's protobuf. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Messages and groups within one another; Go's `protowire.DefaultRecursionLimit`. */
const MAX_DEPTH = 10_000;
const MAX_FIELD_NUMBER = 2 ** 29 - 1;
const MAX_GROUP_FIELD_NUMBER = 2 ** 31 - 1;
const MAX_VARINT_BYTES = 10;

/**
 * A message as Go's protobuf reads it, which every real node is built with: a known field with another wire type is an
 * unknown one, and whatever is malformed anywhere, within unknown fields too, makes the whole no message.
 *
 * @throws WireError
 */
export function decodeMessage<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> {
  const kept = new Walk(bytes).message(fieldsOf(schema), 0, bytes.length, 1);
  return fromBinary(schema, kept ?? bytes);
}

/** One pass over the bytes: it checks them, and leaves out what the decoder must not see. */
class Walk {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns the message without the fields that are to be unknown; undefined where it can stay as it is */
  message(fields: WireFields, start: number, end: number, depth: number): Uint8Array | undefined {
    if (depth > MAX_DEPTH) throw new WireError("exceeded maximum recursion depth");
    const cut = new Cut(this.#bytes, start);
    this.#at = start;
    while (this.#at < end) {
      const fieldStart = this.#at;
      const tag = this.#varint(end);
      const number = Math.floor(tag / 8);
      const type = tag % 8;
      if (number < 1 || number > MAX_FIELD_NUMBER || type === Wire.END_GROUP) throw malformed();
      const field = fields.get(number);
      if (field && (type === field.type || (field.packable && type === Wire.DELIMITED))) {
        const valueStart = this.#at;
        const inner = this.#value(field, type, end, depth);
        if (inner) cut.replace(valueStart, this.#at, inner);
      } else {
        this.#skip(number, type, end);
        // The decoder would read a known field whatever its type, and skips groups of groups only so deep.
        if (field || type === Wire.START_GROUP) cut.leaveOut(fieldStart, this.#at);
      }
    }
    return cut.finish(end);
  }

  #value(field: WireField, type: number, end: number, depth: number): Uint8Array | undefined {
    if (type !== Wire.DELIMITED) {
      this.#skip(0, type, end);
      return undefined;
    }
    const length = this.#varint(end);
    const start = this.#at;
    const stop = start + length;
    if (stop > end) throw malformed();
    switch (field.content) {
      case "text":
        if (!isUtf8(this.#bytes.subarray(start, stop))) {
          throw new WireError("string field contains invalid UTF-8");
        }
        break;
      case "number":
        while (this.#at < stop) this.#skip(0, field.type, stop);
        break;
      case "message":
      case "map": {
        const inner = this.message(field.fields(), start, stop, depth + 1);
        this.#at = stop;
        return inner;
      }
      case "bytes":
        break;
    }
    this.#at = stop;
    return undefined;
  }

  /** Passes over a value, a group with all that is in it. */
  #skip(number: number, type: number, end: number): void {
    if (type !== Wire.START_GROUP) {
      this.#skipPlain(type, end);
      return;
    }
    const open = [number];
    while (open.length > 0) {
      const tag = this.#varint(end);
      const inner = Math.floor(tag / 8);
      const innerType = tag % 8;
      if (inner < 1 || inner > MAX_GROUP_FIELD_NUMBER) throw malformed();
      if (innerType === Wire.END_GROUP) {
        if (open.pop() !== inner) throw malformed();
      } else if (innerType === Wire.START_GROUP) {
        if (open.push(inner) > MAX_DEPTH + 1) throw malformed();
      } else {
        this.#skipPlain(innerType, end);
      }
    }
  }

  #skipPlain(type: number, end: number): void {
    switch (type) {
      case Wire.VARINT:
        this.#varint(end);
        return;
      case Wire.BIT64:
        this.#at += 8;
        break;
      case Wire.BIT32:
        this.#at += 4;
        break;
      case Wire.DELIMITED: {
        const length = this.#varint(end);
        this.#at += length;
        break;
      }
      default:
        throw malformed();
    }
    if (this.#at > end) throw malformed();
  }

  /** Exact up to 2^53, which is more than any length or tag may be. */
  #varint(end: number): number {
    let value = 0;
    let scale = 1;
    for (let read = 1; this.#at < end; read++) {
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        // Of 64 bits, the tenth byte has one.
        if (read === MAX_VARINT_BYTES && byte > 1) throw malformed();
        return value;
      }
      if (read === MAX_VARINT_BYTES) throw malformed();
      scale *= 0x80;
    }
    throw malformed();
  }
}

/** A copy of a stretch of bytes without some of its parts; none is made where all stays. */
class Cut {
  readonly #bytes: Uint8Array;
  #parts: Uint8Array[] | undefined;
  #from: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#from = start;
  }

  leaveOut(start: number, end: number): void {
    (this.#parts ??= []).push(this.#bytes.subarray(this.#from, start));
    this.#from = end;
  }

  /** Puts a length-delimited value in place of what is there. */
  replace(start: number, end: number, value: Uint8Array): void {
    this.leaveOut(start, end);
    this.#parts?.push(lengthOf(value), value);
  }

  finish(end: number): Uint8Array | undefined {
    if (!this.#parts) return undefined;
    return Buffer.concat([...this.#parts, this.#bytes.subarray(this.#from, end)]);
  }
}

function lengthOf(value: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  let rest = value.length;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function malformed(): WireError {
  return new WireError("proto: cannot parse invalid wire-format data");
}
