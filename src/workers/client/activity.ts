import { endAll } from "../../async/turns.js";
import { typeofStream } from "../../ledger/events.js";
import type { typeOfSync } from "../../ledger/events.js";
import type { EventOwner } from "../../ledger/ledger.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import type { ResolvedDefaults } from "../registry/worker-defaults.js";
import type { SdkClient } from "../sdk/types.js";
import { AutoResponder } from "../streams/auto-responder.js";
import { StreamSet } from "../streams/stream-set.js";
import { SyncLoops } from "../syncs/sync-loops.js";

/** What was running when a worker went away, to be started again. */
export interface Paused {
  /** Stream types, with the time (Unix ms) since which each has been listening. */
  readonly streams: readonly (readonly [typeofStream, number])[];
  /** Sync types with their intervals, ms. */
  readonly syncs: readonly (readonly [typeOfSync, number])[];
}

export interface ActivityContext {
  readonly events: WorkerLedger;
  owner(): EventOwner;
  sdk(): SdkClient;
  failed(what: string, error: unknown): void;
}

/** Everything a worker has running: its streams, its syncs, its automatic answers. */
export class Activity {
  readonly streams: StreamSet;
  readonly syncs: SyncLoops;
  readonly responder: AutoResponder;

  constructor(context: ActivityContext, defaults: ResolvedDefaults) {
    this.streams = new StreamSet(context, {
      retryDelayMs: defaults.retryDelayMs,
      retryAttempts: defaults.retryAttempts,
      startTimeoutMs: defaults.startTimeoutMs,
      disableSync: defaults.disableStreamSync,
    });
    this.syncs = new SyncLoops(context);
    this.responder = new AutoResponder({
      ...context,
      respondTo: defaults.respondTo,
      active: () => this.streams.activeTypes.has(typeofStream.MessageandResponse),
    });
  }

  /** What is running now. */
  get running(): Paused {
    return { streams: this.streams.listening, syncs: [...this.syncs.intervals] };
  }

  /** Ends what is running; answers that are owed wait. Everything is ended, also where an end fails. */
  async pause(): Promise<void> {
    await endAll([() => this.syncs.end(), () => this.streams.end(), () => this.responder.hold()]);
  }

  /** Starts again what was paused; what the streams missed is filled in from the database. */
  async resume({ streams, syncs }: Paused): Promise<void> {
    this.responder.release();
    await Promise.all(streams.map(([type, since]) => this.streams.start(type, since)));
    await Promise.all(syncs.map(([type, interval]) => this.syncs.start(type, interval)));
  }

  /** Ends everything for good. */
  async end(): Promise<void> {
    await endAll([() => this.syncs.end(), () => this.streams.end(), () => this.responder.close()]);
  }
}
