import { AutoResponder } from "../streams/auto-responder.js";
import type { BackgroundFailures } from "./background-failures.js";
import type { ClientHolder } from "./client-holder.js";
import { typeofStream } from "../../ledger/events.js";
import type { typeOfSync } from "../../ledger/events.js";
import { StreamSet } from "../streams/stream-set.js";
import { SyncLoops } from "../syncs/sync-loops.js";

/** What was running when a worker went away, to be started again. */
export interface Paused {
  /** Stream types, with the time (Unix ms) since which each has been listening. */
  readonly streams: readonly (readonly [typeofStream, number])[];
  /** Sync types with their intervals, ms. */
  readonly syncs: readonly (readonly [typeOfSync, number])[];
}

/** Everything a worker has running: its streams, its syncs, its automatic answers. */
export class Activity {
  readonly streams: StreamSet;
  readonly syncs: SyncLoops;
  readonly responder: AutoResponder;
  #nextStreamId = 1;

  constructor(holder: ClientHolder, failures: BackgroundFailures) {
    const { defaults, events } = holder.options;
    const context = {
      events,
      owner: () => holder.owner(),
      sdk: () => holder.sdk,
      failed: (what: string, error: unknown) => failures.add(what, error),
      nextStreamId: () => this.#nextStreamId++,
    };
    this.streams = new StreamSet(context, {
      retryDelayMs: defaults.retryDelayMs,
      retryAttempts: defaults.retryAttempts,
      startTimeoutMs: defaults.startTimeoutMs,
      disableSync: defaults.disableStreamSync,
    });
    this.syncs = new SyncLoops(context);
    this.responder = new AutoResponder({
      ...context,
      active: () => this.streams.activeTypes.has(typeofStream.MessageandResponse),
    });
  }

  /** Ends what is running and says what it was. */
  async pause(): Promise<Paused> {
    const { listening, activeTypes } = this.streams;
    const streams = [...activeTypes].map((type) => [type, listening.get(type) ?? Date.now()] as const);
    const paused = { streams, syncs: [...this.syncs.intervals] };
    await this.syncs.end();
    await this.streams.end();
    await this.responder.idle();
    return paused;
  }

  /** Starts again what was paused; what the streams missed is filled in from the database. */
  async resume({ streams, syncs }: Paused): Promise<void> {
    await Promise.all(streams.map(([type, since]) => this.streams.start(type, since)));
    await Promise.all(syncs.map(([type, interval]) => this.syncs.start(type, interval)));
  }
}
