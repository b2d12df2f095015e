import type { OutStream } from "../grpc/service.js";
import type { StatusError } from "../grpc/status.js";
import type { Envelope, EnvelopeTable } from "../store/envelope-table.js";
import { firstAbove } from "../store/keyed-log.js";

/** The real node's buffer per subscription, in messages; one more and the subscription is closed. */
const BUFFERED_MESSAGES = 1024;

/** A key to follow, and the id after which its history starts (0 = all of it). */
export interface Filter {
  readonly key: string;
  readonly cursor: bigint;
}

export interface SubscribeOptions<M> {
  readonly table: EnvelopeTable<M>;
  readonly filters: readonly Filter[];
  /** How a client that does not read is sent away; undefined = a plain end. */
  readonly overflow: StatusError | undefined;
  readonly onDelivery: () => void;
}

/**
 * History of each filter, then live rows, on one stream.
 *
 * Live rows are buffered from the start, history included, so nothing falls between the two; a high-water mark per
 * key, from 0 and not from the cursor, drops what history has already sent.
 */
export function subscribe<M>(stream: OutStream, options: SubscribeOptions<M>): void {
  const { table, filters, overflow, onDelivery } = options;
  const sent = new Map<string, bigint>();
  const history = historyOf(table, filters);
  let replaying = true;
  let live: [string, Envelope<M>][] = [];
  let blocked = false;

  const send = (key: string, row: Envelope<M>): void => {
    if (row.id <= (sent.get(key) ?? 0n)) return;
    sent.set(key, row.id);
    onDelivery();
    blocked = !stream.write(table.frameOf(row));
  };
  const pump = (): void => {
    while (replaying && !blocked) {
      const next = history.next();
      if (next.done) replaying = false;
      else send(...next.value);
    }
    let taken = 0;
    for (; taken < live.length && !blocked; taken++) send(...(live[taken] as [string, Envelope<M>]));
    if (taken > 0) live = live.slice(taken);
  };

  const unlisten = table.feed.listen(
    filters.map(({ key }) => key),
    (key, row) => {
      if (!replaying && !blocked && live.length === 0) {
        send(key, row);
        return;
      }
      live.push([key, row]);
      if (live.length > BUFFERED_MESSAGES) {
        unlisten();
        stream.end(overflow);
      }
    },
  );
  stream.onClose(unlisten);
  stream.onDrain(() => {
    blocked = false;
    pump();
  });
  pump();
}

function* historyOf<M>(
  table: EnvelopeTable<M>,
  filters: readonly Filter[],
): Generator<[string, Envelope<M>], void> {
  for (const { key, cursor } of filters) {
    const rows = table.log.rows(key);
    for (let at = firstAbove(rows, cursor); at < rows.length; at++) yield [key, rows[at] as Envelope<M>];
  }
}
