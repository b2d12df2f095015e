import { performance } from "node:perf_hooks";
import { XmtpTestError } from "../../errors.js";
import { ProbeConnection } from "../probe/connection.js";
import type { Exchange, Place } from "../probe/connection.js";

/** What a probe found, with its figures. */
export interface Finding {
  readonly effective: boolean;
  readonly text: string;
}

/** A worker's proxy, and the node straight behind it: probes of both at once share the noise of a busy machine. */
export interface LinePlace extends Place {
  readonly node: Place;
}

/** Shows, on one worker's line, that a fault takes effect. Made anew for each line and fault. */
export interface Proof {
  /** With the fault still off. @throws XmtpTestError `CHAOS_LINK_DOWN` when there is nothing to compare with */
  before(place: LinePlace): Promise<void>;
  /** With the fault on. */
  during(place: LinePlace): Promise<Finding>;
  /** Frees what the proof holds. */
  end(): void;
}

/** How long an unfaulted line may take to answer; as long as a slow machine needs, ms. */
export const answerMs = 8_000;
/** How long a line must say nothing to count as silent, ms; it answers in about 1 ms otherwise. */
export const silenceMs = 300;

/** A connection that has been answered once, to see what becomes of it. */
export async function openAnswered(place: Place): Promise<ProbeConnection> {
  const opened = await ProbeConnection.open(place, answerMs);
  if (typeof opened === "string") throw lineDown({ how: "closed", ms: 0, code: opened });
  const first = await opened.exchange({}, answerMs);
  if (first.how === "answered") return opened;
  opened.destroy();
  throw lineDown(first);
}

/** How long to look for a quiet moment of a busy machine, ms. */
const quietMs = 2_000;

/** When this many rounds take about the same time, that time is the line's own and not noise. */
const alike = 4;

/**
 * The quickest of several exchanges, until one is under `enoughMs` or several are alike: a busy machine makes a
 * line look slow, and a fault on it then looks like nothing.
 */
export async function quietest(
  place: Place,
  enoughMs: number,
  exchange = (connection: ProbeConnection): Promise<Exchange> => connection.exchange({}, answerMs),
): Promise<number> {
  const connection = await openAnswered(place);
  try {
    const until = performance.now() + quietMs;
    const times: number[] = [];
    let least = Infinity;
    const steady = (): boolean => times.filter((ms) => ms <= 1.2 * least).length >= alike;
    while (times.length === 0 || (least > enoughMs && !steady() && performance.now() < until)) {
      const found = await exchange(connection);
      if (found.how !== "answered") throw lineDown(found);
      times.push(found.ms);
      least = Math.min(least, found.ms);
    }
    return least;
  } finally {
    connection.destroy();
  }
}

/** "12.3 ms" */
export function msText(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

/** "answered after 1.2 ms", "silent for 300.0 ms", "closed after 0.4 ms (ECONNRESET)" */
export function exchangeText({ how, ms, code }: Exchange): string {
  if (how === "answered") return `answered after ${msText(ms)}`;
  return how === "silent" ? `silent for ${msText(ms)}` : `closed after ${msText(ms)} (${code})`;
}

function lineDown(found: Exchange): XmtpTestError {
  return new XmtpTestError(
    "CHAOS_LINK_DOWN",
    `The node does not answer through the worker's proxy even without the fault (${exchangeText(found)}).`,
    "Is the node running? A fault can only be shown on a line that works.",
  );
}

/** The middle of several figures, the upper one of two; 0 of none. */
export function middle(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;
}
