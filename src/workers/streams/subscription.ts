import { errorText, toError, XmtpTestError } from "../../errors.js";
import type { ReceiveSource, StreamState } from "../../ledger/events.js";
import type { SdkStream, SdkStreamOptions, StreamHandlers } from "../sdk/types.js";
import { within } from "../../async/deadline.js";

/** What a subscription needs of its worker. */
export interface SubscriptionSource<T> {
  /** For messages, for example "message stream". */
  readonly what: string;
  open(handlers: StreamHandlers<T>, options: SdkStreamOptions): Promise<SdkStream>;
  /** Stores a value in the ledger. */
  emit(value: T, source: ReceiveSource, streamId: number, streamSeq: number): void;
  /** The same for the same value; how a value read from the database is known to have been streamed already. */
  identity(value: T): string;
  /** What has come into the database since a local time (Unix ms); absent where the database cannot tell. */
  missed?(sinceMs: number): Promise<readonly T[]>;
  state(streamId: number, state: StreamState, detail?: { count?: number; error?: string }): void;
  /** The stream is lost for good. */
  failed(error: Error): void;
  nextStreamId(): number;
}

export interface SubscriptionOptions extends SdkStreamOptions {
  /** How long the node may take to answer the subscription. */
  readonly startTimeoutMs: number;
}

/**
 * One SDK stream of one worker, from `start()` until `end()`: its values go to the ledger, its life
 * (live, lost, retry, restart, failed, ended) too.
 *
 * After a reconnect the SDK does not re-emit what its own sync stored meanwhile (measured on 4.6, 5.5 and
 * 6.1), so the gap is read from the database and recorded with source "gap".
 */
export class Subscription<T> {
  readonly #source: SubscriptionSource<T>;
  readonly #options: SubscriptionOptions;
  readonly #streamId: number;
  readonly #seen = new Set<string>();
  #stream: SdkStream | undefined;
  #seq = 0;
  #liveSince = 0;
  #connected = false;
  #ended = false;
  #lastError: Error | undefined;
  #suspect: Error | undefined;
  #filling: Promise<void> = Promise.resolve();

  constructor(source: SubscriptionSource<T>, options: SubscriptionOptions) {
    this.#source = source;
    this.#options = options;
    this.#streamId = source.nextStreamId();
  }

  /**
   * Subscribes; resolves once the node has answered.
   *
   * @param gapSinceMs when given, what came into the database since then is recorded first, as a gap
   * @throws XmtpTestError `STREAM_START` with the SDK's last error
   */
  async start(gapSinceMs?: number): Promise<void> {
    this.#state("starting");
    const { startTimeoutMs } = this.#options;
    this.#liveSince = Date.now();
    const giveUp = new AbortController();
    const opening = this.#source.open(this.#handlers(), { ...this.#options, signal: giveUp.signal });
    try {
      this.#stream = await within(
        opening,
        startTimeoutMs,
        "STREAM_START",
        `The node did not answer the ${this.#source.what}`,
        "Is it running?",
      );
    } catch (error) {
      this.#ended = true;
      giveUp.abort(error);
      const cause = this.#lastError ?? error;
      this.#state("failed", { error: errorText(cause) });
      throw new XmtpTestError(
        "STREAM_START",
        `The ${this.#source.what} did not start (${errorText(cause)}).`,
        "Is the node up and reachable? `startTimeoutMs` of workerDefaults sets the deadline.",
        { cause },
      );
    }
    this.#connected = true;
    this.#state("live");
    if (gapSinceMs !== undefined) await this.#fill(gapSinceMs);
  }

  /** Ends the stream. Idempotent; no event of it is recorded after this has resolved. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#state("ending");
    this.#clearSuspect();
    this.#ended = true;
    await this.#filling;
    await this.#stream?.end();
    this.#source.state(this.#streamId, "ended");
  }

  #handlers(): StreamHandlers<T> {
    return {
      onValue: (value) => this.#take(value, "stream"),
      onError: (error) => this.#error(error),
      onFail: () => {
        this.#connected = false;
        this.#state("lost", this.#suspect && { error: this.#suspect.message });
        this.#suspect = undefined;
      },
      onRetry: (attempt) =>
        this.#state("retry", { count: attempt, ...(this.#lastError && { error: this.#lastError.message }) }),
      onRestart: () => {
        this.#connected = true;
        this.#state("restart");
        this.#filling = this.#filling.then(() => this.#fill(this.#liveSince));
      },
    };
  }

  #take(value: T, source: ReceiveSource): void {
    if (this.#ended) return;
    if (source === "stream") this.#clearSuspect();
    this.#seen.add(this.#source.identity(value));
    this.#source.emit(value, source, this.#streamId, ++this.#seq);
  }

  async #fill(sinceMs: number): Promise<void> {
    if (!this.#source.missed) return;
    try {
      const missed = await this.#source.missed(sinceMs);
      const fresh = missed.filter((value) => !this.#seen.has(this.#source.identity(value)));
      for (const value of fresh) this.#take(value, "gap");
      this.#state("gap_filled", { count: fresh.length });
    } catch (error) {
      if (!this.#ended) this.#source.failed(toError(error));
    }
  }

  #error(error: Error): void {
    this.#lastError = error;
    if (this.#ended || !this.#stream) return;
    const givenUp = error instanceof XmtpTestError && error.code === "STREAM_FAILED";
    if (givenUp) this.#state("failed", { error: error.message });
    if (givenUp) this.#source.failed(error);
    // An error that the loss of the connection follows is part of the outage, as are those of the retries.
    // Only a stream that goes on after it, or is ended first, has failed on its own.
    else if (this.#connected) this.#suspect = error;
  }

  #clearSuspect(): void {
    if (this.#suspect) this.#source.failed(this.#suspect);
    this.#suspect = undefined;
  }

  #state(state: StreamState, detail?: { count?: number; error?: string }): void {
    if (!this.#ended) this.#source.state(this.#streamId, state, detail);
  }
}
