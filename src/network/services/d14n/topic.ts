import { Code, StatusError } from "../../grpc/status.js";
import { hexKey } from "../../store/envelope-table.js";

/** What an envelope is about, by the first byte of its topic (XIP-49). */
export const TOPIC_KINDS = ["group", "welcome", "identity", "keyPackage"] as const;
export type D14nTopicKind = (typeof TOPIC_KINDS)[number];

/** xmtpd's longest topic, in bytes. */
const MAX_TOPIC_BYTES = 128;

export interface D14nTopic {
  readonly kind: D14nTopicKind | undefined;
  /** Group id, installation key or inbox id, in hex: the key in its table. */
  readonly key: string;
}

/** A topic of a kind that nobody knows has no envelopes, which is not an error. */
export function readTopic(bytes: Uint8Array): D14nTopic {
  return { kind: TOPIC_KINDS[bytes[0] ?? -1], key: hexKey(bytes.subarray(1)) };
}

export function topicOf(kind: D14nTopicKind, id: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([TOPIC_KINDS.indexOf(kind)]), id]);
}

export function isTopic(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.length <= MAX_TOPIC_BYTES;
}

export function invalid(text: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, text);
}
