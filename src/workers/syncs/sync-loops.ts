import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { errorText, XmtpTestError } from "../../errors.js";
import { typeOfSync } from "../../ledger/events.js";
import type { EventOwner } from "../../ledger/ledger.js";
import type { WorkerLedger } from "../../ledger/worker-ledger.js";
import type { SdkClient } from "../sdk/types.js";

export interface SyncContext {
  readonly events: WorkerLedger;
  owner(): EventOwner;
  sdk(): SdkClient;
  failed(what: string, error: unknown): void;
}

interface Loop {
  readonly intervalMs: number;
  readonly first: Promise<void>;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/**
 * Periodic syncs of one worker. A sync never overlaps the one before it: the interval runs from the end
 * of one to the start of the next. Every loop stops, also in the middle of its wait.
 */
export class SyncLoops {
  readonly #context: SyncContext;
  readonly #loops = new Map<typeOfSync, Loop>();

  constructor(context: SyncContext) {
    this.#context = context;
  }

  get activeTypes(): ReadonlySet<typeOfSync> {
    return new Set(this.#loops.keys());
  }

  /** The active types with their intervals, ms. */
  get intervals(): ReadonlyMap<typeOfSync, number> {
    return new Map([...this.#loops].map(([type, { intervalMs }]) => [type, intervalMs]));
  }

  /**
   * Starts syncing: the first sync begins at once and has ended when this resolves.
   *
   * @throws what the first sync threw; the loop is then not started
   */
  async start(type: typeOfSync, intervalMs: number): Promise<void> {
    if (!Number.isFinite(intervalMs) || intervalMs < 1) {
      throw new XmtpTestError(
        "INVALID_INTERVAL",
        `The sync interval is ${intervalMs}.`,
        "Give milliseconds, 1 or more.",
      );
    }
    if (!Object.values(typeOfSync).includes(type)) {
      throw new XmtpTestError(
        "INVALID_OPTION",
        `${JSON.stringify(type)} is not a type of sync.`,
        `Use typeOfSync.${Object.keys(typeOfSync).join(", typeOfSync.")}.`,
      );
    }
    if (type === typeOfSync.None) return;
    const running = this.#loops.get(type);
    if (running) {
      await running.first;
      return;
    }
    const stop = new AbortController();
    const first = this.#once(type);
    const done = first.then(
      () => this.#repeat(type, intervalMs, stop.signal),
      () => undefined,
    );
    const loop: Loop = { intervalMs, first, stop, done };
    this.#loops.set(type, loop);
    try {
      await first;
    } catch (error) {
      // It may have been ended, and another one started, while the first sync was under way.
      if (this.#loops.get(type) === loop) this.#loops.delete(type);
      throw error;
    }
  }

  /** Stops a type, or all; resolves when a sync that was under way has ended. Idempotent. */
  async end(type?: typeOfSync): Promise<void> {
    const types = type === undefined ? [...this.#loops.keys()] : [type];
    await Promise.all(types.map((each) => this.#end(each)));
  }

  async #end(type: typeOfSync): Promise<void> {
    const loop = this.#loops.get(type);
    if (!loop) return;
    this.#loops.delete(type);
    loop.stop.abort();
    await loop.done;
    this.#record(type, "stopped");
  }

  async #repeat(type: typeOfSync, intervalMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      // The interval is what the test asked for, not a wait for something to happen.
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#once(type).catch((error: unknown) => this.#context.failed(`${type} sync`, error));
    }
  }

  async #once(type: typeOfSync): Promise<void> {
    const began = performance.now();
    this.#record(type, "started");
    try {
      if (type === typeOfSync.Sync || type === typeOfSync.Both) await this.#context.sdk().syncConversations();
      if (type === typeOfSync.SyncAll || type === typeOfSync.Both) await this.#context.sdk().syncAll();
      this.#record(type, "done", { durationMs: performance.now() - began });
    } catch (error) {
      this.#record(type, "failed", { durationMs: performance.now() - began, error: errorText(error) });
      throw error;
    }
  }

  #record(
    syncType: typeOfSync,
    state: "started" | "done" | "failed" | "stopped",
    more: { durationMs?: number; error?: string } = {},
  ): void {
    this.#context.events.append({ kind: "sync", ...this.#context.owner(), syncType, state, ...more });
  }
}
