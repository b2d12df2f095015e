import { Histogram } from "./histogram.js";
import type { Buckets } from "./histogram.js";
import { counterNames } from "./names.js";
import type { CounterName, HistogramName } from "./names.js";

/** Artillery's emitter of a virtual user: what goes in there is in Artillery's own report. */
export interface ArtilleryEvents {
  /** Adds to a counter, or a value to a histogram. */
  emit(event: "counter" | "histogram", name: string, value: number): unknown;
}

/** What happened in one slice of time. */
export interface Slice {
  /** Unix seconds at which it begins. */
  readonly at: number;
  readonly counters: Readonly<Partial<Record<CounterName, number>>>;
  readonly histograms: Readonly<Partial<Record<HistogramName, Buckets>>>;
}

interface OpenSlice {
  readonly counters: Partial<Record<CounterName, number>>;
  readonly histograms: Map<HistogramName, Histogram>;
}

/** Seconds. Short enough to see a burst, long enough for a run of an hour to stay small. */
export const sliceSeconds = 2;

/** Counts and times of one process, over time; everything goes to Artillery's report too. */
export class Meter {
  readonly #slices = new Map<number, OpenSlice>();

  /** All slices so far, oldest first. */
  get slices(): Slice[] {
    return [...this.#slices]
      .sort(([a], [b]) => a - b)
      .map(([at, { counters, histograms }]) => ({
        at,
        counters,
        histograms: Object.fromEntries([...histograms].map(([name, one]) => [name, one.buckets])),
      }));
  }

  /** Makes all counters known to Artillery: `ensure` cannot judge one that was never counted. */
  announce(events: ArtilleryEvents): void {
    for (const name of counterNames) events.emit("counter", name, 0);
  }

  count(events: ArtilleryEvents, name: CounterName, n = 1): void {
    if (n === 0) return;
    const { counters } = this.#slice();
    counters[name] = (counters[name] ?? 0) + n;
    events.emit("counter", name, n);
  }

  record(events: ArtilleryEvents, name: HistogramName, value: number): void {
    const { histograms } = this.#slice();
    const known = histograms.get(name) ?? new Histogram();
    histograms.set(name, known);
    known.add(value);
    events.emit("histogram", name, value);
  }

  #slice(): OpenSlice {
    const at = Math.floor(Date.now() / 1000 / sliceSeconds) * sliceSeconds;
    const known = this.#slices.get(at) ?? { counters: {}, histograms: new Map<HistogramName, Histogram>() };
    this.#slices.set(at, known);
    return known;
  }
}
