import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { variable } from "../../environment.js";
import { XmtpTestError, errorText } from "../../errors.js";
import { compareKeys, keyOf, seriesId } from "./samples.js";
import type { Series, SeriesKey } from "./samples.js";
import { statisticsOf } from "../statistics.js";
import type { Statistics } from "../statistics.js";

/** What a run leaves for later runs to be compared with. */
export interface BaselineEntry extends SeriesKey {
  readonly statistics: Statistics;
  /** The figures, sorted; of more than 200 the 200 evenly spaced by rank, which widens a noise band slightly. */
  readonly values: readonly number[];
}

export interface Baseline {
  readonly version: 1;
  readonly entries: readonly BaselineEntry[];
}

const keptValues = 200;

/** The baseline in `file`; throws INVALID_BASELINE for a missing or unreadable one. */
export async function readBaseline(file: string): Promise<Baseline> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, "utf8"));
  } catch (thrown) {
    throw invalid(file, errorText(thrown), thrown);
  }
  const { version, entries } = (parsed ?? {}) as Partial<Record<keyof Baseline, unknown>>;
  if (version !== 1 || !Array.isArray(entries)) throw invalid(file, `version ${JSON.stringify(version)}`);
  if (!entries.every(isEntry)) throw invalid(file, "an entry lacks its operation, size or values");
  return { version, entries };
}

/**
 * The baseline in `file`; `undefined` for an empty name, and for a missing file in the run that writes it
 * (`XMTP_UPDATE_BASELINE=1`).
 */
export async function openBaseline(file: string): Promise<Baseline | undefined> {
  if (file === "" || (updatingBaseline() && !existsSync(file))) return undefined;
  return readBaseline(file);
}

/** Whether this run is to write the baseline file. */
export function updatingBaseline(): boolean {
  return variable("XMTP_UPDATE_BASELINE") === "1";
}

/** The figures of this run over those of `old`: series that this run did not measure stay as they were. */
export function updatedBaseline(all: readonly Series[], old?: Baseline): Baseline {
  const entries = new Map(old?.entries.map((entry) => [seriesId(entry), entry]));
  for (const series of all) {
    const statistics = statisticsOf(series.values);
    if (!statistics) continue;
    entries.set(seriesId(series), { ...keyOf(series), statistics, values: thin(series.values) });
  }
  return { version: 1, entries: [...entries.values()].sort(compareKeys) };
}

export async function writeBaseline(file: string, baseline: Baseline): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const lines = baseline.entries.map((entry) => JSON.stringify(entry));
  // One line per entry: a changed figure is a changed line in a review.
  await writeFile(file, `{"version":1,"entries":[\n${lines.join(",\n")}\n]}\n`);
}

/** The entry that `key` is compared with: the same key, else the one that differs in its SDK version only. */
export function baselineFor(baseline: Baseline | undefined, key: SeriesKey): BaselineEntry | undefined {
  const same = baseline?.entries.find((entry) => seriesId(entry) === seriesId(key));
  if (same) return same;
  const others = baseline?.entries.filter(
    (entry) => seriesId({ ...keyOf(entry), sdkVersion: key.sdkVersion }) === seriesId(key),
  );
  return others?.length === 1 ? others[0] : undefined;
}

function thin(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length <= keptValues) return sorted;
  const step = (sorted.length - 1) / (keptValues - 1);
  return Array.from({ length: keptValues }, (_, i) => sorted[Math.round(i * step)] ?? 0);
}

function isEntry(value: unknown): value is BaselineEntry {
  const entry = value as Partial<BaselineEntry> | null;
  return (
    typeof entry?.operation === "string" &&
    typeof entry.size === "number" &&
    typeof entry.statistics?.p50 === "number" &&
    Array.isArray(entry.values)
  );
}

function invalid(file: string, why: string, cause?: unknown): XmtpTestError {
  const hint = "Write one with XMTP_UPDATE_BASELINE=1, or unset the baseline option.";
  return new XmtpTestError("INVALID_BASELINE", `The baseline cannot be read (${file}: ${why}).`, hint, {
    cause,
  });
}
