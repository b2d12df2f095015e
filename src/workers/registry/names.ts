import { XmtpTestError } from "../../errors.js";

/** A worker as a test asks for it: `alice`, `alice-b` (second installation), `alice-b-4.6.0` (SDK version). */
export interface WorkerDescriptor {
  /** What the test calls it: the base name, with the installation unless it is "a". */
  readonly name: string;
  /** Workers with the same base share one identity (wallet and inbox). */
  readonly base: string;
  /** One letter, "a" by default. */
  readonly installation: string;
  /** What was asked for, for example "alice-b-4.6.0". */
  readonly asked: string;
  /** Undefined: the primary SDK. */
  readonly sdkVersion: string | undefined;
  /** Endpoint this worker is pinned to; undefined: the test's network. */
  readonly url: string | undefined;
}

/** What `getWorkers` takes: names, a number of them, or names pinned to node URLs. */
export type WorkerNames = readonly string[] | number | Readonly<Record<string, string>>;

const shape =
  /^(?<base>[A-Za-z][A-Za-z0-9_]{0,39})(?:-(?<installation>[a-z]))?(?:-(?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?))?$/;

/** Names for a number of workers; the first are the ones people use in examples. */
const people =
  "alice bob carol dave eve frank grace heidi ivan judy mallory niaj olivia peggy rupert sybil trent victor walter zoe".split(
    " ",
  );

/**
 * Reads names, a number, or a map of names to URLs.
 *
 * @throws XmtpTestError `INVALID_NAME`, `DUPLICATE_WORKER`, `INVALID_COUNT`
 */
export function parseWorkerNames(names: WorkerNames): WorkerDescriptor[] {
  const entries = toEntries(names);
  const seen = new Set<string>();
  return entries.map(([text, url]) => {
    const descriptor = parseDescriptor(text, url);
    if (seen.has(descriptor.name)) {
      throw new XmtpTestError(
        "DUPLICATE_WORKER",
        `The worker "${descriptor.name}" is requested twice (${JSON.stringify(entries.map(([name]) => name))}).`,
        'Give each worker its own name; "alice-b" is a second installation of alice.',
      );
    }
    seen.add(descriptor.name);
    return descriptor;
  });
}

function toEntries(names: WorkerNames): (readonly [string, string | undefined])[] {
  if (typeof names === "number") {
    if (!Number.isInteger(names) || names < 1 || names > 1_000) {
      throw new XmtpTestError(
        "INVALID_COUNT",
        `${names} workers were requested.`,
        "Ask for a whole number from 1 to 1000.",
      );
    }
    return Array.from({ length: names }, (_, at) => [nameAt(at), undefined]);
  }
  // JavaScript users give one name alone.
  if (typeof (names as unknown) !== "object" || (names as unknown) === null) {
    throw new XmtpTestError(
      "INVALID_NAME",
      `getWorkers got ${JSON.stringify(names)}, which is not a list of names.`,
      'Give a list, a number, or a map to URLs: getWorkers(["alice"]), getWorkers(2), getWorkers({ alice: url }).',
    );
  }
  if (Array.isArray(names)) return (names as readonly string[]).map((name) => [name, undefined]);
  return Object.entries(names as Readonly<Record<string, string>>);
}

function nameAt(at: number): string {
  const round = Math.floor(at / people.length);
  return `${people[at % people.length]}${round === 0 ? "" : round + 1}`;
}

/** Reads one descriptor. @throws XmtpTestError `INVALID_NAME` */
export function parseDescriptor(text: string, url?: string): WorkerDescriptor {
  const parts = typeof text === "string" ? shape.exec(text)?.groups : undefined;
  const base = parts?.["base"];
  if (!parts || base === undefined) {
    throw new XmtpTestError(
      "INVALID_NAME",
      `${JSON.stringify(text)} is not a worker name.`,
      'Use letters, digits and "_", then optionally an installation letter and an SDK version: "alice", "alice-b", "alice-b-4.6.0".',
    );
  }
  const installation = parts["installation"] ?? "a";
  const name = installation === "a" ? base : `${base}-${installation}`;
  return { asked: text, name, base, installation, sdkVersion: parts["version"], url };
}
