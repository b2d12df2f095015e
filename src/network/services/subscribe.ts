import type { OutStream } from "../grpc/service.js";
import type { StatusError } from "../grpc/status.js";
import type { Envelope, EnvelopeTable } from "../store/envelope-table.js";
import type { DeliveryTap } from "../store/delivery-tap.js";
import { DisturbedDeliveries } from "./disturbed.js";

/**
 * The real node's buffer per subscription, in messages. One more closes it: what it holds is still delivered, as a
 * closed Go channel yields what is in it, and then the stream ends.
 */
const BUFFERED_MESSAGES = 1024;

/** A key to follow, and the id after which its history starts (0 = all of it). */
export interface Filter {
  readonly key: string;
  readonly cursor: bigint;
}

export interface SubscribeOptions<M> {
  readonly table: EnvelopeTable<M>;
  readonly kind: "group" | "welcome";
  readonly filters: readonly Filter[];
  /** How a client that does not read is sent away; undefined = a plain end. */
  readonly overflow: StatusError | undefined;
  readonly onDelivery: (row: Envelope<M>) => void;
  /** Faults of live deliveries. */
  readonly tap: DeliveryTap | undefined;
}

/** A row on its way; `again` = whatever the high-water mark says. */
interface Live<M> {
  readonly key: string;
  readonly row: Envelope<M>;
  readonly again?: boolean;
}

/**
 * History of each filter, then live rows, on one stream.
 *
 * Live rows are buffered from the start, history included, so nothing falls between the two; a high-water mark per
 * key, from 0 and not from the cursor, drops what history has already sent.
 *
 * @returns a function that leaves the stream open and silent, for good
 */
export function subscribe<M>(stream: OutStream, options: SubscribeOptions<M>): () => void {
  const { table, kind, filters, overflow, onDelivery, tap } = options;
  const sent = new Map<string, bigint>();
  const history = historyOf(table, filters);
  let replaying = true;
  let live: Live<M>[] = [];
  let blocked = false;
  let overflowed = false;

  const send = ({ key, row, again = false }: Live<M>): void => {
    const mark = sent.get(key) ?? 0n;
    if (row.id <= mark && !again) return;
    if (row.id > mark) sent.set(key, row.id);
    onDelivery(row);
    blocked = !stream.write(row.frame);
  };
  const pump = (): void => {
    while (replaying && !blocked) {
      const next = history.next();
      if (next.done) replaying = false;
      else send({ key: next.value[0], row: next.value[1] });
    }
    let taken = 0;
    for (; taken < live.length && !blocked; taken++) send(live[taken] as Live<M>);
    if (taken > 0) live = live.slice(taken);
    if (overflowed && !replaying && live.length === 0) stream.end(overflow);
  };

  const deliver = (one: Live<M>): void => {
    if (!replaying && !blocked && live.length === 0) {
      send(one);
      return;
    }
    if (live.length < BUFFERED_MESSAGES) {
      live.push(one);
      return;
    }
    overflowed = true;
    unlisten();
  };
  const disturbed = new DisturbedDeliveries<Live<M>>(tap, stream.peer, (one, again) =>
    deliver(again ? { ...one, again } : one),
  );
  const unlisten = table.feed.listen(
    filters.map(({ key }) => key),
    (key, row) => disturbed.pass(kind, key, { key, row }),
  );
  stream.onClose(() => {
    unlisten();
    live = [];
  });
  stream.onDrain(() => {
    blocked = false;
    pump();
  });
  pump();
  return unlisten;
}

function* historyOf<M>(
  table: EnvelopeTable<M>,
  filters: readonly Filter[],
): Generator<[string, Envelope<M>], void> {
  for (const { key, cursor } of filters) {
    for (const row of table.log.above(key, cursor)) yield [key, row];
  }
}
