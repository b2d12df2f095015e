import { XmtpTestError } from "../../errors.js";
import { groupBy } from "../../ledger/group.js";
import type { Blob, NodeBlob, ProcessBlob } from "../measuring/blob.js";
import { Histogram } from "../measuring/histogram.js";
import { sliceSeconds } from "../measuring/meter.js";
import { counterNames, histogramNames } from "../measuring/names.js";
import type { CounterName, HistogramName } from "../measuring/names.js";
import { checkTails } from "./tails.js";
import type { TailCheck } from "./tails.js";

/** Figures of one histogram over all processes. */
export interface Percentiles {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** One slice of time over all processes. */
export interface MergedSlice {
  /** Seconds from the beginning of the run. */
  readonly at: number;
  readonly counters: Readonly<Partial<Record<CounterName, number>>>;
  readonly histograms: Readonly<Partial<Record<HistogramName, Percentiles>>>;
}

/** What a run of any number of processes and machines amounts to. */
export interface LoadReport {
  readonly version: 1;
  readonly status: "passed" | "failed";
  readonly run: string;
  readonly seed: string;
  readonly sdks: readonly string[];
  readonly population: ProcessBlob["population"];
  /** When the first thing was counted, Unix seconds. */
  readonly beganAt: number;
  readonly seconds: number;
  readonly sliceSeconds: number;
  readonly counters: Readonly<Record<CounterName, number>>;
  readonly histograms: Readonly<Partial<Record<HistogramName, Percentiles>>>;
  readonly slices: readonly MergedSlice[];
  readonly users: {
    readonly settled: number;
    readonly died: number;
    readonly unfinished: number;
    readonly absent: number;
  };
  readonly processes: readonly {
    readonly shard: string;
    readonly pid: number;
    readonly users: number;
    readonly cpuMs: number;
    readonly peakMemoryMb: number;
  }[];
  /** Shards that left no blob, for example "3/4". */
  readonly missingShards: readonly string[];
  /** The ends of conversations, which no receiver can judge alone. */
  readonly tails: TailCheck;
  readonly node?: {
    readonly cpuMs?: number;
    /** Node's CPU time over that of the node and all processes. */
    readonly cpuShare?: number;
    readonly samples: NodeBlob["samples"];
  };
  readonly faults: NodeBlob["faults"];
  /** Why it failed, and what was lost; texts. */
  readonly problems: readonly string[];
}

/** How many lost messages are named in the report. */
const mostTexts = 50;

/**
 * Merges the blobs of a run: counters add up, percentiles are those of all values, and the ends of conversations are
 * checked over processes. Pure, and independent of the order of the blobs.
 *
 * @throws XmtpTestError `BAD_LOAD_BLOB` for blobs of different runs, or none of users
 */
export function mergeBlobs(blobs: readonly Blob[]): LoadReport {
  const processes = blobs.filter((one) => one.kind === "users").sort(compareShards);
  const nodes = blobs.filter((one) => one.kind === "node");
  const ends = blobs.filter((one) => one.kind === "end").sort((a, b) => a.shard.current - b.shard.current);
  const [first] = processes;
  if (first === undefined) throw bad("No blob of users is among them.");
  const runs = new Set(blobs.map(({ run }) => run));
  const populations = new Set(processes.map(({ seed, population }) => JSON.stringify([seed, population])));
  if (runs.size > 1) throw bad(`They are of different runs: ${[...runs].join(", ")}.`);
  if (populations.size > 1) throw bad("They are of different populations.");
  const { slices, beganAt, seconds } = slicesOf(processes);
  const counters = totals(processes);
  const users = usersOf(processes);
  const missingShards = missing(processes);
  const tails = checkTails(
    first,
    processes.flatMap((one) => one.users),
  );
  const problems = [
    ...ends.flatMap(({ shard: { current, total }, exit }) =>
      exit === 0
        ? []
        : [`Artillery of shard ${current}/${total} ended with ${exit}: a threshold, or an error in its log`],
    ),
    ...problemsOf(counters, users, missingShards, tails, processes),
  ];
  const cpu = nodes.flatMap(({ cpuMs }) => cpuMs ?? []).reduce((sum, one) => sum + one, 0);
  const theirs = [...new Map(processes.map((one) => [one.pid, one.cpuMs])).values()];
  const all = theirs.reduce((sum, one) => sum + one, cpu);
  return {
    version: 1,
    status: problems.length === 0 ? "passed" : "failed",
    run: first.run,
    seed: first.seed,
    sdks: [...new Set(processes.map(({ sdk }) => sdk))].sort(),
    population: first.population,
    beganAt,
    seconds,
    sliceSeconds,
    counters,
    histograms: histogramsOf(processes.flatMap((one) => one.slices)),
    slices,
    users,
    processes: processes.map(({ shard, pid, users: own, cpuMs, peakMemoryMb }) => ({
      shard: `${shard.current}/${shard.total}`,
      pid,
      users: own.length,
      cpuMs,
      peakMemoryMb,
    })),
    missingShards,
    tails,
    ...(nodes.length > 0 && {
      node: {
        ...(cpu > 0 && { cpuMs: cpu, cpuShare: cpu / all }),
        samples: nodes.flatMap(({ samples }) => samples),
      },
    }),
    faults: nodes.flatMap(({ faults }) => faults),
    problems,
  };
}

function compareShards(a: ProcessBlob, b: ProcessBlob): number {
  return a.shard.current - b.shard.current || a.pid - b.pid;
}

function slicesOf(processes: readonly ProcessBlob[]): Pick<LoadReport, "slices" | "beganAt" | "seconds"> {
  const byTime = groupBy(
    processes.flatMap((one) => one.slices),
    ({ at }) => String(at),
  );
  const times = [...byTime.keys()].map(Number).sort((a, b) => a - b);
  const beganAt = times[0] ?? 0;
  const slices = times.map((at) => ({
    at: at - beganAt,
    counters: sum((byTime.get(String(at)) ?? []).map(({ counters }) => counters)),
    histograms: histogramsOf(byTime.get(String(at)) ?? []),
  }));
  return { slices, beganAt, seconds: (times.at(-1) ?? 0) + sliceSeconds - beganAt };
}

function sum(all: readonly Partial<Record<CounterName, number>>[]): Partial<Record<CounterName, number>> {
  const total: Partial<Record<CounterName, number>> = {};
  for (const one of all)
    for (const name of counterNames)
      if (one[name] !== undefined) total[name] = (total[name] ?? 0) + one[name];
  return total;
}

function totals(processes: readonly ProcessBlob[]): Record<CounterName, number> {
  const found = sum(processes.flatMap((one) => one.slices.map(({ counters }) => counters)));
  return Object.fromEntries(counterNames.map((name) => [name, found[name] ?? 0])) as Record<
    CounterName,
    number
  >;
}

function histogramsOf(slices: ProcessBlob["slices"]): Partial<Record<HistogramName, Percentiles>> {
  return Object.fromEntries(
    histogramNames.flatMap((name) => {
      const merged = new Histogram();
      for (const { histograms } of slices) merged.addAll(histograms[name] ?? []);
      const at = (percentile: number): number => merged.percentile(percentile) ?? NaN;
      if (merged.n === 0) return [];
      return [[name, { n: merged.n, p50: at(50), p95: at(95), p99: at(99), max: at(100) }]];
    }),
  );
}

function usersOf(processes: readonly ProcessBlob[]): LoadReport["users"] {
  const all = processes.flatMap((one) => one.users);
  const count = (state: string): number => all.filter((one) => one.state === state).length;
  const expected = processes[0]?.population.users ?? 0;
  return {
    settled: count("settled"),
    died: count("died"),
    unfinished: count("unfinished"),
    absent: Math.max(0, expected - all.length),
  };
}

function missing(processes: readonly ProcessBlob[]): string[] {
  const total = Math.max(...processes.map(({ shard }) => shard.total));
  const there = new Set(processes.map(({ shard }) => shard.current));
  return Array.from({ length: total }, (_, at) => at + 1).flatMap((one) =>
    there.has(one) ? [] : [`${one}/${total}`],
  );
}

function problemsOf(
  counters: Readonly<Record<CounterName, number>>,
  users: LoadReport["users"],
  missingShards: readonly string[],
  tails: TailCheck,
  processes: readonly ProcessBlob[],
): string[] {
  const told = (n: number, what: string): string[] => (n === 0 ? [] : [`${n} ${what}`]);
  const all = processes.flatMap((one) => one.users);
  const deaths = all.flatMap(({ user, error }) =>
    error === undefined ? [] : [`user ${user} died: ${error}`],
  );
  return [
    ...missingShards.map((shard) => `shard ${shard} left no blob`),
    ...told(counters["xmtp.lost"], "messages were lost"),
    ...told(tails.lost.length, "messages at the end of a conversation were lost"),
    ...told(counters["xmtp.duplicate"], "messages came twice"),
    ...told(users.died, "users died"),
    ...told(users.unfinished, "users did not come to their end"),
    ...told(users.absent, "users of the population never arrived"),
    ...told(counters["xmtp.conversations_missing"], "conversations did not reach one of their members"),
    ...(counters["xmtp.delivered"] === 0 ? ["nothing was delivered: nothing is shown"] : []),
    ...[...all.flatMap((one) => one.lost), ...tails.lost, ...deaths].slice(0, mostTexts),
  ];
}

function bad(what: string): XmtpTestError {
  return new XmtpTestError(
    "BAD_LOAD_BLOB",
    `These blobs make no report. ${what}`,
    "Give the blobs of all shards of one run, and of no other.",
  );
}
