/** What the sequence picture shows, before it has coordinates: columns, rows, and what joins them. */
import type { LedgerEvent, SendEvent } from "../ledger/events.js";

export interface Row {
  readonly at: number;
  /** Events of one kind about one thing share a row; "break" stands for events left out. */
  readonly kind: string;
  readonly about: string;
  /** How many events a "break" row stands for. */
  hidden: number;
  readonly columns: Set<number>;
}

/** A worker's send, or what an app or page published. */
export interface SendMark {
  readonly event: Pick<SendEvent, "seq" | "at" | "contentType" | "payload" | "automatic" | "outcome">;
  readonly column: number;
  readonly row: number;
}

export interface Arrow {
  readonly send: SendMark;
  readonly column: number;
  readonly row: number;
  readonly kind: "first" | "duplicate" | "gap";
  readonly latencyMs: number;
}

export interface LostArrow {
  readonly send: SendMark;
  readonly column: number;
}

/** Something on one lifeline with a few words beside it. */
export interface Mark {
  readonly column: number;
  readonly row: number;
  readonly look: "good" | "bad" | "plain" | "foreign" | "update";
  readonly label: string;
}

export type BarState = "live" | "lost" | "failed";

/** A stretch of a lifeline in one stream state. */
export interface Bar {
  readonly column: number;
  readonly state: BarState;
  readonly from: number;
  readonly to: number;
}

export interface Band {
  readonly columns: readonly number[];
  readonly from: number;
  /** Undefined: never lifted. */
  readonly to: number | undefined;
  readonly label: string;
}

export interface Diagram {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly sends: readonly SendMark[];
  readonly arrows: readonly Arrow[];
  readonly lost: readonly LostArrow[];
  readonly marks: readonly Mark[];
  readonly bars: readonly Bar[];
  readonly bands: readonly Band[];
  readonly hidden: number;
}

/** Parties in the order in which they first appear. */
export function columnsOf(events: readonly LedgerEvent[]): string[] {
  return [...new Set(events.map((event) => event.worker))].filter((name) => name !== "");
}
