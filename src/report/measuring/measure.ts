import { XmtpTestError } from "../../errors.js";
import type { Progress } from "./progress.js";
import type { SummaryRow } from "./summary-row.js";
import { keyOf, seriesId, toSeries, units } from "./samples.js";
import type { Sample, Series, SeriesKey, Unit } from "./samples.js";
import { statisticsOf } from "../statistics.js";

/** What a sample says beside its figure. */
export interface SampleOptions {
  /** Members, conversations or another count. Default 1. */
  readonly size?: number;
  /** Default "ms". */
  readonly unit?: Unit;
  /** Kept out of all statistics. Default false. */
  readonly warmup?: boolean;
  /** The former spelling of `warmup`. */
  readonly warmUp?: boolean;
  /** Default: the version of the installed SDK. */
  readonly sdkVersion?: string;
  /** Default: the environment the test runs against. */
  readonly backend?: string;
}

export interface RepeatOptions<Prepared> extends Omit<SampleOptions, "unit" | "warmup" | "warmUp"> {
  /** Counted runs. Default 10. */
  readonly n?: number;
  /** Runs before these that are not counted. Default 1. */
  readonly warmup?: number;
  /** Runs before each, outside the measured time; its result is passed to the measured function. */
  readonly before?: (run: number) => Prepared | Promise<Prepared>;
}

/** What a `Measure` is told by the fixture that makes it. */
export interface MeasureDefaults {
  readonly sdkVersion: string;
  readonly backend: string;
  /** Told each time that a figure is in, to show progress. */
  readonly progress?: Progress;
}

/** What `measure.ask` hands on to the worker. */
export interface AskingOptions {
  /** Deadline for the answer, ms. Default 10,000; 0 or `Infinity`: no limit. */
  readonly timeout?: number;
  /** Content types that count as an answer. Default: any but `group_updated`. */
  readonly contentTypes?: readonly string[];
}

/** A worker, as `measure.ask` needs it. */
export interface Asker<A, C> {
  ask(conversation: C, text: string, options: AskingOptions): Promise<A>;
}

/** Collects performance samples of one test. Times are of the monotonic clock, in milliseconds. */
export class Measure {
  readonly #defaults: MeasureDefaults;
  readonly #samples: Sample[] = [];

  constructor(defaults: MeasureDefaults) {
    this.#defaults = defaults;
  }

  /** All samples so far, oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** The same, pooled by key. */
  get series(): Series[] {
    return toSeries(this.#samples);
  }

  /** Measures how long `fn` takes and gives back its result. When `fn` throws, nothing is recorded. */
  async time<T>(
    operation: string,
    options: Omit<SampleOptions, "unit">,
    fn: () => T | Promise<T>,
  ): Promise<T> {
    const start = performance.now();
    const result = await fn();
    this.record(operation, performance.now() - start, { ...options, unit: "ms" });
    return result;
  }

  /**
   * Runs `fn` `warmup + n` times, one after the other, and records each.
   *
   * `fn` gets the number of the run (from 0; warmups count down to -1) and what `before` prepared for it.
   */
  async repeat<Prepared = undefined>(
    operation: string,
    options: RepeatOptions<Prepared>,
    fn: (run: number, prepared: Prepared) => unknown,
  ): Promise<SummaryRow> {
    const { n = 10, warmup = 1, before, ...rest } = options;
    if (!Number.isInteger(n) || n < 1 || !Number.isInteger(warmup) || warmup < 0) {
      throw invalid(
        `measure.repeat("${operation}") got n = ${n}, warmup = ${warmup}.`,
        "Give whole numbers.",
      );
    }
    for (let run = -warmup; run < n; run++) {
      const prepared = (await before?.(run)) as Prepared;
      await this.time(operation, { ...rest, warmup: run < 0 }, () => fn(run, prepared));
    }
    const row = this.#row(this.#sample(operation, 0, rest));
    this.#defaults.progress?.finished(row);
    return row;
  }

  /**
   * Calls `worker.ask` and records how long the first answer took, from the call of `send` to its arrival. If nobody
   * answers, a timeout is recorded and the error is thrown.
   */
  async ask<A extends { readonly ms: number }, C>(
    operation: string,
    worker: Asker<A, C>,
    conversation: C,
    text: string,
    options: Omit<SampleOptions, "unit"> & AskingOptions = {},
  ): Promise<A> {
    const { timeout, contentTypes, ...sample } = options;
    const began = performance.now();
    try {
      const answer = await worker.ask(conversation, text, {
        ...(timeout !== undefined && { timeout }),
        ...(contentTypes && { contentTypes }),
      });
      this.record(operation, answer.ms, { ...sample, unit: "ms" });
      return answer;
    } catch (error) {
      if (error instanceof XmtpTestError && error.code === "NO_ANSWER")
        this.timedOut(operation, performance.now() - began, sample);
      throw error;
    }
  }

  /** Records a figure measured elsewhere. */
  record(operation: string, value: number, options: SampleOptions = {}): void {
    this.#add(this.#sample(operation, value, options));
  }

  /** Records a timeout: what was awaited did not arrive within `waitedMs`. */
  timedOut(operation: string, waitedMs: number, options: Omit<SampleOptions, "unit"> = {}): void {
    this.#add({ ...this.#sample(operation, waitedMs, options), timedOut: true });
  }

  /**
   * Records deliveries: for each expected receipt the milliseconds since its send, or `undefined` if it did not
   * arrive within `waitedMs`. The report draws these as a delivery curve, which ends at the share that arrived.
   */
  delivery(
    operation: string,
    delays: readonly (number | undefined)[],
    options: Omit<SampleOptions, "unit"> & { readonly waitedMs: number },
  ): void {
    const { waitedMs, ...rest } = options;
    for (const delay of delays) {
      const sample = this.#sample(operation, delay ?? waitedMs, rest);
      this.#add({ ...sample, delivery: true, timedOut: delay === undefined });
    }
  }

  /** What was recorded so far, one row per operation, size, unit, SDK version and backend. */
  summary(): SummaryRow[] {
    return this.series.map(toRow);
  }

  #sample(operation: string, value: number, options: SampleOptions): Sample {
    const { size = 1, unit = "ms" } = options;
    const warmUp = options.warmup ?? options.warmUp ?? false;
    const { sdkVersion = this.#defaults.sdkVersion, backend = this.#defaults.backend } = options;
    if (operation === "")
      throw invalid("A sample has no operation (an empty name).", "Name what was measured.");
    if (!Number.isFinite(value) || value < 0) {
      throw invalid(`"${operation}" was measured as ${value}.`, "A figure is a finite number from 0 on.");
    }
    if (!Number.isInteger(size) || size < 0) {
      throw invalid(`"${operation}" was measured at size ${size}.`, "A size is a whole number from 0 on.");
    }
    if (!units.includes(unit)) {
      throw invalid(`"${operation}" was measured in "${unit}".`, `Units are ${units.join(", ")}.`);
    }
    return { operation, size, unit, sdkVersion, backend, value, warmUp, timedOut: false, delivery: false };
  }

  #add(sample: Sample): void {
    this.#samples.push(sample);
    this.#defaults.progress?.touched(sample, () => this.#row(sample));
  }

  #row(key: SeriesKey): SummaryRow {
    const id = seriesId(key);
    const found = toSeries(this.#samples.filter((sample) => seriesId(sample) === id))[0];
    return found ? toRow(found) : { ...keyOf(key), statistics: undefined, warmUps: 0, timedOut: 0 };
  }
}

function toRow(series: Series): SummaryRow {
  const { values, warmUps, timedOut } = series;
  return { ...keyOf(series), statistics: statisticsOf(values), warmUps: warmUps.length, timedOut };
}

function invalid(what: string, hint: string): XmtpTestError {
  return new XmtpTestError("INVALID_SAMPLE", what, hint);
}
