import { XmtpTestError } from "../errors.js";
import { Activity } from "./client/activity.js";
import type { Paused } from "./client/activity.js";
import type { BackgroundFailures } from "./client/background-failures.js";
import type { ClientHolder } from "./client/client-holder.js";
import {
  additionFits,
  collect,
  consentFits,
  conversationFits,
  messageFits,
  updateFits,
} from "./collecting/collect.js";
import type {
  CollectConsentOptions,
  CollectGroupUpdatesOptions,
  CollectMessagesOptions,
  CollectOptions,
} from "./collecting/collect.js";
import { drain } from "./streams/drain.js";
import type { typeofStream } from "../ledger/events.js";
import type {
  ConsentEvent,
  ConversationEvent,
  LifecycleEvent,
  ReceiveEvent,
  typeOfSync,
} from "../ledger/events.js";
import type { TestLedger, WorkerLedger } from "../ledger/ledger.js";
import type { StepFunction } from "../steps.js";
import { WatchedPromise } from "../async/watched-promise.js";
import type { Worker } from "./worker.js";

export interface WorkerClientOptions {
  readonly holder: ClientHolder;
  readonly failures: BackgroundFailures;
  readonly step: StepFunction;
  /** Makes a further installation of this worker's identity, registered beside it. */
  readonly addInstallation: () => Promise<Worker>;
}

/**
 * What a worker does on demand. Nothing is active at start: no stream, no sync.
 *
 * Every verb first raises what failed in the background since the last one, with its owner.
 */
export class WorkerClient {
  readonly #options: WorkerClientOptions;
  readonly #activity: Activity;
  readonly #own: WorkerLedger;
  #paused: Paused | undefined;
  #terminated: Promise<void> | undefined;

  constructor(options: WorkerClientOptions) {
    this.#options = options;
    this.#own = options.holder.options.events;
    this.#activity = new Activity(options.holder, options.failures);
  }

  /** The whole test's ledger: what this worker and all others did and saw, in order. */
  get events(): TestLedger {
    return this.#own.ledger;
  }

  /** This worker's part of the ledger. */
  get ownEvents(): WorkerLedger {
    return this.#own;
  }

  get activeStreamTypes(): ReadonlySet<typeofStream> {
    return this.#activity.streams.activeTypes;
  }

  get activeSyncTypes(): ReadonlySet<typeOfSync> {
    return this.#activity.syncs.activeTypes;
  }

  /** Aborting a type's controller ends that type, as `endStream(type)` does. */
  get streamControllers(): ReadonlyMap<typeofStream, AbortController> {
    return this.#activity.streams.controllers;
  }

  /**
   * Starts a stream type; resolves once the node has answered. Starting an active type does nothing.
   * May be left un-awaited: a failure is then raised by the next verb, or fails the test at its end.
   *
   * @throws XmtpTestError `STREAM_START` when the node does not answer within `startTimeoutMs`
   */
  startStream(type: typeofStream): Promise<void> {
    const { step, failures } = this.#options;
    const work = step(
      `${this.#name} starts the ${type} stream`,
      () => this.#verb(() => this.#activity.streams.start(type)),
      { box: true },
    );
    return WatchedPromise.of(work, (error) => failures.add(`start of the ${type} stream`, error));
  }

  /** Ends one stream type, or all; resolves when no event of it can come any more. Idempotent. */
  async endStream(type?: typeofStream): Promise<void> {
    const { step } = this.#options;
    await step(
      `${this.#name} ends ${type === undefined ? "all streams" : `the ${type} stream`}`,
      () =>
        this.#verb(async () => {
          await this.#activity.streams.end(type);
          await this.#activity.responder.idle();
        }),
      { box: true },
    );
  }

  /**
   * Syncs now, then again `intervalMs` after each sync has ended (default 10,000 ms), never overlapping.
   *
   * @throws what the first sync threw; later errors are raised by the next verb or fail the test at its end
   */
  async startSync(type: typeOfSync, intervalMs = 10_000): Promise<void> {
    const { step } = this.#options;
    await step(
      `${this.#name} starts to sync (${type})`,
      () => this.#verb(() => this.#activity.syncs.start(type, intervalMs)),
      { box: true },
    );
  }

  /** Stops one type of sync, or all; resolves when a sync under way has ended. Idempotent. */
  async endSync(type?: typeOfSync): Promise<void> {
    const { step } = this.#options;
    await step(`${this.#name} stops to sync`, () => this.#verb(() => this.#activity.syncs.end(type)), {
      box: true,
    });
  }

  /** Waits for `count` messages in a conversation; earlier ones in the ledger count. @throws `COLLECT_TIMEOUT` */
  async collectMessages(
    conversationId: string,
    count = 1,
    options: CollectMessagesOptions = {},
  ): Promise<ReceiveEvent[]> {
    return await this.#verb(() =>
      collect(this.#own, "messages", count, messageFits(conversationId, options), options),
    );
  }

  /** Waits for `count` group updates of a group. @throws `COLLECT_TIMEOUT` */
  async collectGroupUpdates(
    groupId: string,
    count = 1,
    options: CollectGroupUpdatesOptions = {},
  ): Promise<ReceiveEvent[]> {
    return await this.#verb(() =>
      collect(this.#own, "group updates", count, updateFits(groupId, options), options),
    );
  }

  /** Waits for an update of a group that adds all of `inboxIds` (any members when empty). @throws `COLLECT_TIMEOUT` */
  async collectAddedMembers(
    groupId: string,
    inboxIds: readonly string[] = [],
    options: CollectOptions = {},
  ): Promise<ReceiveEvent[]> {
    return await this.#verb(() =>
      collect(this.#own, "updates that add members", 1, additionFits(groupId, inboxIds), options),
    );
  }

  /** Waits for `count` new conversations, those that `addedByInboxId` made where given. @throws `COLLECT_TIMEOUT` */
  async collectConversations(
    addedByInboxId?: string,
    count = 1,
    options: CollectOptions = {},
  ): Promise<ConversationEvent[]> {
    return await this.#verb(() =>
      collect(this.#own, "conversations", count, conversationFits(addedByInboxId), options),
    );
  }

  /** Waits for `count` consent changes. @throws `COLLECT_TIMEOUT` */
  async collectConsentUpdates(count = 1, options: CollectConsentOptions = {}): Promise<ConsentEvent[]> {
    return await this.#verb(() =>
      collect(this.#own, "consent changes", count, consentFits(options), options),
    );
  }

  /**
   * Resolves once everything the node had stored for this worker when called has passed its message
   * stream (by a sync). Returns at once when no message stream is active.
   *
   * @throws XmtpTestError `COLLECT_TIMEOUT` at the deadline, when the stream has lost some
   */
  async untilDrained(timeoutMs = 10_000): Promise<void> {
    const since = this.#activity.streams.textsSince;
    if (since !== undefined) await drain(this.#own, this.#options.holder.sdk, since, timeoutMs);
  }

  /** Accepts background errors whose text matches for the rest of the test. */
  tolerate(pattern: RegExp): void {
    this.#options.failures.tolerate(pattern);
  }

  /** Cuts the client off: ends its streams and syncs, releases its database; verbs are refused until `goOnline`. */
  async goOffline(): Promise<void> {
    const { step, holder } = this.#options;
    await step(
      `${this.#name} goes offline`,
      () =>
        this.#verb(async () => {
          this.#paused = await this.#activity.pause();
          await holder.goOffline();
          this.#note("offline", "");
        }),
      { box: true },
    );
  }

  /** Brings the client back, with the streams and syncs it had; what it missed is recorded with source "gap". */
  async goOnline(): Promise<void> {
    const { step, holder } = this.#options;
    await step(
      `${this.#name} goes online`,
      () =>
        this.#verb(async () => {
          const paused = this.#paused;
          if (!paused) return;
          this.#paused = undefined;
          await holder.goOnline();
          this.#note("online", "");
          await this.#activity.resume(paused);
        }),
      { box: true },
    );
  }

  /** Adds an installation of the same identity, as a worker of its own (`alice` gives `alice-b`). */
  async addNewInstallation(): Promise<Worker> {
    const { step, addInstallation } = this.#options;
    return await step(`${this.#name} adds an installation`, () => this.#verb(addInstallation), { box: true });
  }

  /** Throws this installation away and makes a new one of the same identity, with an empty database. */
  async reinstall(): Promise<void> {
    const { step, holder } = this.#options;
    await step(
      `${this.#name} reinstalls`,
      () =>
        this.#verb(async () => {
          await this.#activity.pause();
          await holder.reinstall();
          this.#note("reinstalled", "");
        }),
      { box: true },
    );
  }

  /** Ends everything of this worker: syncs, streams (awaited), client, files. Idempotent. */
  async terminate(): Promise<void> {
    this.#terminated ??= this.#end();
    await this.#terminated;
  }

  /** What failed in the background and has not been raised. */
  takeFailures(): Error[] {
    return this.#options.failures.take();
  }

  async #end(): Promise<void> {
    const { holder } = this.#options;
    const errors: unknown[] = [];
    const ends = [
      () => this.#activity.syncs.end(),
      () => this.#activity.streams.end(),
      () => this.#activity.responder.close(),
      () => holder.endOpened(),
      () => holder.close(),
      () => holder.removeFiles(),
    ];
    // Each part is ended whatever became of the one before it.
    for (const end of ends) await end().catch((error: unknown) => errors.push(error));
    this.#note("terminated", "");
    if (errors.length > 0) throw new AggregateError(errors, `${this.#name} could not be ended cleanly.`);
  }

  async #verb<T>(body: () => Promise<T>): Promise<T> {
    this.#options.failures.raise();
    if (this.#terminated) {
      throw new XmtpTestError(
        "WORKER_TERMINATED",
        `${this.#name} has been terminated.`,
        "Workers end with their test; ask for a new one.",
      );
    }
    return await body();
  }

  get #name(): string {
    return this.#own.worker;
  }

  #note(state: LifecycleEvent["state"], detail: string): void {
    this.events.append({ kind: "lifecycle", ...this.#options.holder.owner(), state, detail });
  }
}
