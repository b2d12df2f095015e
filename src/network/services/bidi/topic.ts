import { Code, StatusError } from "../../grpc/status.js";
import { hexKey } from "../../store/envelope-table.js";

export type TopicKind = "group" | "welcome";

/** What a stream can follow: one kind byte (XIP-49), then a group id or an installation key. */
export interface Topic {
  readonly kind: TopicKind;
  /** As the client wrote it; sent back in TopicsLive. */
  readonly wire: Uint8Array;
  /** Tells topics apart, kinds included. */
  readonly name: string;
  /** The group or installation in its table. */
  readonly key: string;
}

const KINDS: readonly TopicKind[] = ["group", "welcome"];

/** @throws StatusError INVALID_ARGUMENT for a topic without an identifier, or of a kind this RPC does not serve */
export function parseTopic(wire: Uint8Array, field: "add" | "remove"): Topic {
  const [first] = wire;
  if (first === undefined || wire.length < 2) {
    throw invalid(`${field}: topic must be a kind byte plus an identifier`);
  }
  const kind = KINDS[first];
  if (kind === undefined) throw invalid(`${field}: unsupported topic kind ${first}`);
  const name = hexKey(wire);
  return { kind, wire, name, key: name.slice(2) };
}

export function invalid(text: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, text);
}
