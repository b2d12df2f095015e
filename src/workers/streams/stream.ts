import { within } from "../../async/deadline.js";
import { after } from "../../async/timeout.js";
import { errorText, toError, XmtpTestError } from "../../errors.js";
import type { ReceiveSource, StreamState, typeofStream } from "../../ledger/events.js";
import type { SdkStream, SdkStreamOptions, StreamHandlers } from "../sdk/types.js";

/** A kind of SDK stream: where its values come from, and where they go. */
export interface StreamKind<T> {
  /** For messages, for example "message stream". */
  readonly what: string;
  open(handlers: StreamHandlers<T>, options: SdkStreamOptions): Promise<SdkStream>;
  /** Stores a value in the ledger. */
  emit(value: T, source: ReceiveSource, streamId: number, streamSeq: number): void;
  /** The same for the same value; how a value read from the database is known to have been streamed already. */
  identity(value: T): string;
  /** What has come into the database since a local time (Unix ms); absent where the database cannot tell. */
  missed?(sinceMs: number): Promise<readonly T[]>;
}

export interface StreamOptions extends SdkStreamOptions {
  /** How long the node may take to answer the subscription. */
  readonly startTimeoutMs: number;
  /** How long what the stream brings may wait for a gap to be read, ms. Default 2,000. */
  readonly holdMs?: number;
}

/** What a stream tells. */
export interface StreamReport {
  /** A state of one of the types that share the stream, for the ledger. */
  state(
    type: typeofStream,
    streamId: number,
    state: StreamState,
    detail?: { count?: number; error?: string },
  ): void;
  /** Something failed that nobody waits for. The stream may go on. */
  failed(what: string, error: Error): void;
  /** The SDK has given the stream up for good; `ended` resolves when nothing of it is left. */
  over(ended: Promise<void>): void;
}

/** Reading a gap takes some 50 ms; where a fault makes it take longer, what came is not kept from the test for its order. */
const HOLD_MS = 2_000;

/**
 * One SDK stream of one worker, from `start()` until `end()`: its values go to the ledger, and so does its life (live,
 * lost, retry, restart, failed, ended), once for each stream type that shares it, so that every type has a life there
 * also when it joins later or leaves earlier than the others.
 *
 * After a reconnect the SDK does not re-emit what its own sync stored meanwhile (measured on 4.6, 5.5 and
 * 6.1), so the gap is read from the database and recorded with source "gap".
 */
export class WorkerStream<T> {
  readonly #kind: StreamKind<T>;
  readonly #options: StreamOptions;
  readonly #report: StreamReport;
  readonly #types: Set<typeofStream>;
  readonly #streamId: number;
  readonly #seen = new Set<string>();
  /** What a gap was filled with: the stream may be about to hand over the same, which counts once. */
  readonly #filled = new Set<string>();
  #stream: SdkStream | undefined;
  #seq = 0;
  #liveSince = 0;
  /** What the connection is like now; undefined before the node has answered, and after the end. */
  #connection: "up" | "lost" | "retry" | undefined;
  #ended = false;
  #lastError: Error | undefined;
  #suspect: Error | undefined;
  #filling: Promise<void> = Promise.resolve();
  /** How many gaps are to be filled. */
  #gaps = 0;
  /** What the stream brings until they are: it was sent after what was missed, and is recorded after it. */
  #held: T[] = [];
  /** Gives up holding; undefined when nothing is held back. */
  #stopHolding: (() => void) | undefined;

  constructor(
    kind: StreamKind<T>,
    options: StreamOptions,
    report: StreamReport,
    streamId: number,
    types: Iterable<typeofStream>,
  ) {
    this.#kind = kind;
    this.#options = options;
    this.#report = report;
    this.#streamId = streamId;
    this.#types = new Set(types);
  }

  /**
   * Subscribes; resolves once the node has answered.
   *
   * @param gapSinceMs when given, what came into the database since then is recorded first, as a gap
   * @throws XmtpTestError `STREAM_START` with the SDK's last error
   */
  async start(gapSinceMs?: number): Promise<void> {
    this.#state("starting");
    this.#liveSince = Date.now();
    if (gapSinceMs !== undefined) this.#hold();
    const { what } = this.#kind;
    const giveUp = new AbortController();
    const opening = this.#kind.open(this.#handlers(), { ...this.#options, signal: giveUp.signal });
    try {
      this.#stream = await within(
        opening,
        this.#options.startTimeoutMs,
        "STREAM_START",
        `The node did not answer the ${what}`,
        "Is it running?",
      );
    } catch (error) {
      giveUp.abort(error);
      const cause = this.#lastError ?? error;
      this.#state("failed", { error: errorText(cause) });
      this.#ended = true;
      this.#release();
      throw new XmtpTestError(
        "STREAM_START",
        `The ${what} did not start (${errorText(cause)}).`,
        "Is the node up and reachable? `startTimeoutMs` of workerDefaults sets the deadline.",
        { cause },
      );
    }
    this.#connection = "up";
    this.#state("live");
    if (gapSinceMs === undefined) return;
    this.#fill(gapSinceMs);
    await this.#filling;
  }

  /** Ends the stream. Idempotent; no event of it is recorded after this has resolved. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#state("ending");
    this.#clearSuspect();
    this.#release();
    this.#ended = true;
    this.#connection = undefined;
    await this.#filling;
    await this.#stream?.end();
    this.#tellAll("ended");
  }

  /** A type starts to share the stream. Does nothing for one that does already. */
  join(type: typeofStream): void {
    if (this.#types.has(type)) return;
    this.#types.add(type);
    this.#tellPast(type);
  }

  /** Types that are not among `staying` end; the stream goes on for the others. */
  leaveAllBut(staying: (type: typeofStream) => boolean): void {
    for (const type of [...this.#types]) {
      if (staying(type)) continue;
      this.#types.delete(type);
      this.#tell(type, "ending");
      this.#tell(type, "ended");
    }
  }

  /** Says again that the stream is live, for a ledger that has not heard it. */
  tellAgain(): void {
    if (this.#connection !== undefined) for (const type of this.#types) this.#tellPast(type);
  }

  #handlers(): StreamHandlers<T> {
    return {
      onValue: (value) => {
        if (this.#stopHolding && !this.#ended) this.#held.push(value);
        else this.#take(value, "stream");
      },
      onError: (error) => this.#error(error),
      onFail: () => {
        this.#connection = "lost";
        this.#state("lost", this.#suspect && { error: this.#suspect.message });
        this.#suspect = undefined;
      },
      onRetry: (attempt) => {
        if (this.#connection !== undefined) this.#connection = "retry";
        this.#state("retry", { count: attempt, ...(this.#lastError && { error: this.#lastError.message }) });
      },
      onRestart: () => {
        this.#connection = "up";
        this.#state("restart");
        this.#hold();
        this.#fill(this.#liveSince);
      },
    };
  }

  #take(value: T, source: ReceiveSource): void {
    if (this.#ended) return;
    const identity = this.#kind.identity(value);
    if (source === "stream") {
      this.#clearSuspect();
      if (this.#filled.delete(identity)) return;
    } else this.#filled.add(identity);
    this.#seen.add(identity);
    this.#kind.emit(value, source, this.#streamId, ++this.#seq);
  }

  #hold(): void {
    this.#gaps++;
    this.#stopHolding?.();
    this.#stopHolding = after(this.#options.holdMs ?? HOLD_MS, () => this.#release());
  }

  /** Fills one of {@link #gaps}, after those before it. */
  #fill(sinceMs: number): void {
    this.#filling = this.#filling.then(async () => {
      await this.#record(sinceMs);
      this.#gaps--;
      if (this.#gaps === 0) this.#release();
    });
  }

  /** What was missed, in its order; what the stream has brought of it meanwhile is the stream's. */
  async #record(sinceMs: number): Promise<void> {
    if (!this.#kind.missed) return;
    try {
      const missed = await this.#kind.missed(sinceMs);
      const fresh = missed.filter((value) => !this.#seen.has(this.#kind.identity(value)));
      let count = 0;
      for (const value of fresh) {
        const identity = this.#kind.identity(value);
        const at = this.#held.findIndex((one) => this.#kind.identity(one) === identity);
        const [streamed] = at < 0 ? [] : this.#held.splice(at, 1);
        if (streamed === undefined) count++;
        this.#take(streamed ?? value, streamed === undefined ? "gap" : "stream");
      }
      this.#state("gap_filled", { count });
    } catch (error) {
      if (!this.#ended) this.#report.failed(this.#kind.what, toError(error));
    }
  }

  #release(): void {
    this.#stopHolding?.();
    this.#stopHolding = undefined;
    for (const value of this.#held.splice(0)) this.#take(value, "stream");
  }

  #error(error: Error): void {
    this.#lastError = error;
    if (this.#ended || !this.#stream) return;
    // An error that the loss of the connection follows is part of the outage, as are those of the retries.
    // Only a stream that goes on after it, or is ended first, has failed on its own.
    if (!(error instanceof XmtpTestError && error.code === "STREAM_FAILED")) {
      if (this.#connection === "up") this.#suspect = error;
      return;
    }
    this.#state("failed", { error: error.message });
    this.#release();
    this.#ended = true;
    this.#connection = undefined;
    this.#report.failed(this.#kind.what, error);
    // Its native tasks are over; what the SDK keeps of it goes too.
    this.#report.over(this.#stream.end());
  }

  #clearSuspect(): void {
    if (this.#suspect) this.#report.failed(this.#kind.what, this.#suspect);
    this.#suspect = undefined;
  }

  #tellPast(type: typeofStream): void {
    this.#tell(type, "starting");
    this.#tell(type, "live");
    if (this.#connection === "lost" || this.#connection === "retry") this.#tell(type, this.#connection);
  }

  #state(state: StreamState, detail?: { count?: number; error?: string }): void {
    if (!this.#ended) this.#tellAll(state, detail);
  }

  #tellAll(state: StreamState, detail?: { count?: number; error?: string }): void {
    for (const type of this.#types) this.#tell(type, state, detail);
  }

  #tell(type: typeofStream, state: StreamState, detail?: { count?: number; error?: string }): void {
    this.#report.state(type, this.#streamId, state, detail);
  }
}
