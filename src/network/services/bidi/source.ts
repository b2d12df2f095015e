import { FRAME_HEADER_BYTES } from "../../grpc/frame.js";
import type { Envelope, EnvelopeTable } from "../../store/envelope-table.js";
import type { NodeStore } from "../../store/node-store.js";
import type { Stored } from "../traffic-of.js";
import type { TopicKind } from "./topic.js";

/** A stored message, whatever its kind. */
export interface Item {
  readonly id: bigint;
  readonly row: Stored;
  /** Shared by all streams. */
  bytes(): Uint8Array;
}

/** Where messages of one kind come from. */
export interface Source {
  /** What is stored under the key above the cursor, ascending. */
  history(key: string, cursor: bigint): Iterable<Item>;
  /** @returns a function that ends the listening */
  listen(key: string, listener: (item: Item) => void): () => void;
}

export function sourcesOf({ groupMessages, welcomes }: NodeStore): Readonly<Record<TopicKind, Source>> {
  return { group: sourceOf(groupMessages), welcome: sourceOf(welcomes) };
}

function sourceOf<M extends Stored["message"]>(table: EnvelopeTable<M>): Source {
  const item = (row: Envelope<M>): Item => ({
    id: row.id,
    row,
    bytes: () => row.frame.subarray(FRAME_HEADER_BYTES),
  });
  return {
    *history(key, cursor) {
      for (const row of table.log.above(key, cursor)) yield item(row);
    },
    listen: (key, listener) => table.feed.listen([key], (_, row) => listener(item(row))),
  };
}
