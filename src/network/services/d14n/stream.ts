import type { OutStream } from "../../grpc/service.js";
import type { envelopes } from "../../proto/index.js";
import { hexKey } from "../../store/envelope-table.js";
import type { DeliveryTap } from "../../store/delivery-tap.js";
import { DisturbedDeliveries } from "../disturbed.js";
import { merged } from "./merge.js";
import { messageKind } from "./originators.js";
import type { Entry, Seen, TopicReader } from "./reader.js";

/** Envelopes that wait for a client that does not read; one more and the stream ends, as with the v3 streams. */
const BUFFERED_ENVELOPES = 1024;
/** What one frame holds at most; an envelope alone may be larger. */
const FRAME_ENVELOPES = 500;
const FRAME_BYTES = 2 << 20;

export interface Followed {
  readonly topic: Uint8Array;
  /** What of the past is known; undefined = all of it, or not asked for. */
  readonly after: Seen | undefined;
}

/** An envelope to be sent; `again` = whatever was sent before. */
interface Live {
  readonly mark: string;
  readonly entry: Entry;
  readonly again?: boolean;
}

export interface EnvelopeStreamOptions {
  readonly reader: TopicReader;
  readonly topics: readonly Followed[];
  readonly frame: (envelopes: envelopes.OriginatorEnvelope[]) => Buffer;
  /** Sent between the past and what is live. */
  readonly caughtUp: Buffer | undefined;
  /** Sent when there was nothing to send for an interval. */
  readonly idle: Buffer;
  readonly keepaliveMs: number;
  readonly onDelivery: (entries: readonly Entry[]) => void;
  /** Faults of live deliveries. */
  readonly tap: DeliveryTap | undefined;
}

/**
 * Envelopes of topics: the past, then what comes in, each once.
 *
 * @returns a function that leaves the stream open and silent, for good
 */
export function streamEnvelopes(stream: OutStream, options: EnvelopeStreamOptions): () => void {
  const { reader, topics, frame, caughtUp, idle, keepaliveMs, onDelivery, tap } = options;
  const sent = new Map<string, bigint>();
  let live: Live[] = [];
  let blocked = false;
  let muted = false;

  const timer = setInterval(() => write(idle), keepaliveMs);
  const write = (bytes: Buffer): void => {
    if (muted) return;
    timer.refresh();
    blocked = !stream.write(bytes);
  };
  const queue = (one: Live, again: boolean): void => {
    live.push(again ? { ...one, again } : one);
    if (live.length > BUFFERED_ENVELOPES) stream.end();
    else pump();
  };
  const disturbed = new DisturbedDeliveries(tap, stream.peer, queue);
  const unlisten = reader.listen(
    topics.map(({ topic }) => topic),
    (topic, entry) => {
      const one = { mark: markOf(topic, entry), entry };
      const kind = messageKind(entry.originator);
      if (kind === undefined) queue(one, false);
      else disturbed.pass(kind, entry.key, one);
    },
  );
  const history = topics.flatMap(({ topic, after }) =>
    after ? [...reader.history(topic, after)].map((entry) => ({ mark: markOf(topic, entry), entry })) : [],
  );
  const past = merged(history, ({ entry }) => entry);
  let next = 0;
  let told = caughtUp === undefined;

  /** Those of a list that were not sent yet, as one frame. @returns how many were looked at */
  const send = (list: readonly Live[], from: number): number => {
    const batch: Entry[] = [];
    let size = 0;
    let at = from;
    for (; at < list.length && batch.length < FRAME_ENVELOPES; at++) {
      const { mark, entry, again } = list[at] as Live;
      const known = sent.get(mark) ?? 0n;
      if (entry.sequence <= known && again !== true) continue;
      const bytes = entry.envelope.unsignedOriginatorEnvelope.length;
      if (batch.length > 0 && size + bytes > FRAME_BYTES) break;
      size += bytes;
      if (entry.sequence > known) sent.set(mark, entry.sequence);
      batch.push(entry);
    }
    if (batch.length > 0) {
      if (!muted) onDelivery(batch);
      write(frame(batch.map(({ envelope }) => envelope)));
    }
    return at;
  };
  const pump = (): void => {
    while (!blocked && next < past.length) next = send(past, next);
    if (!blocked && !told && caughtUp) {
      told = true;
      write(caughtUp);
    }
    while (!blocked && told && live.length > 0) live = live.slice(send(live, 0));
  };
  stream.onDrain(() => {
    blocked = false;
    pump();
  });
  stream.onClose(() => {
    clearInterval(timer);
    unlisten();
    live = [];
  });
  pump();
  return () => {
    muted = true;
  };
}

function markOf(topic: Uint8Array, { originator }: Entry): string {
  return `${hexKey(topic)} ${originator}`;
}
