import { readFile } from "node:fs/promises";
import { XmtpTestError, errorText } from "../../errors.js";

/** Faults on the connection. */
const lineVerbs = [
  "latency",
  "throttle",
  "stall",
  "blackhole",
  "cut",
  "reset",
  "slice",
  "limit",
  "flaky",
  "partition",
] as const;
/** Faults inside the embedded node. */
const nodeVerbs = [
  "failCalls",
  "loseReplies",
  "delayCalls",
  "duplicateDeliveries",
  "reorderDeliveries",
  "loseDeliveries",
  "dropStreams",
  "muteStreams",
] as const;
const planVerbs = [...lineVerbs, ...nodeVerbs] as const;
export type PlanVerb = (typeof planVerbs)[number];
export type NodeVerb = (typeof nodeVerbs)[number];

/** One fault of a plan. */
export interface PlanStep {
  /** When it is put on, ms from the start of the run. */
  readonly atMs: number;
  /** How long it stays, ms. */
  readonly forMs: number;
  readonly verb: PlanVerb;
  /** Names of parties; for a partition, those that are cut off. */
  readonly targets: readonly string[];
  /** As the verb takes them; `method` with them where the verb takes one. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Faults in time, all drawn beforehand: plain data, the same for the same seed, to be saved and played again. */
export interface Plan {
  /** The format of saved plans. */
  readonly version: 1;
  /** What it was drawn from. */
  readonly seed: string;
  /** How long it lasts, ms. */
  readonly durationMs: number;
  /** By time. */
  readonly steps: readonly PlanStep[];
}

/** Whether the node makes this step's fault. */
export function isNodeStep(step: PlanStep): step is PlanStep & { readonly verb: NodeVerb } {
  return nodeVerbs.some((verb) => verb === step.verb);
}

/** A plan as text, one step a line; byte by byte the same for the same plan. */
export function planText({ seed, durationMs, steps }: Plan): string {
  const lines = steps.map(({ atMs, forMs, verb, targets, options }) =>
    JSON.stringify({ atMs, forMs, verb, targets, options }),
  );
  const head = `"version": 1, "seed": ${JSON.stringify(seed)}, "durationMs": ${durationMs}`;
  return `{ ${head}, "steps": [\n${lines.join(",\n")}\n] }\n`;
}

/**
 * Reads a plan back from its text.
 *
 * @throws XmtpTestError `CHAOS_PLAN` naming what is wrong
 */
export function parsePlan(text: string): Plan {
  let data: Partial<Plan> | null;
  try {
    data = JSON.parse(text) as Partial<Plan> | null;
  } catch (error) {
    throw badPlan(`is not JSON (${errorText(error)})`);
  }
  if (data?.version !== 1 || typeof data.seed !== "string" || !isTime(data.durationMs))
    throw badPlan("lacks version 1, a seed or durationMs");
  if (!Array.isArray(data.steps)) throw badPlan("has no steps");
  for (const [index, step] of (data.steps as readonly Partial<PlanStep>[]).entries()) {
    if (!isStep(step)) throw badPlan(`has an odd step ${index + 1} (${JSON.stringify(step)})`);
  }
  return data as Plan;
}

/** Reads a plan from a file. @throws XmtpTestError `CHAOS_PLAN` */
export async function readPlan(path: string): Promise<Plan> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw badPlan(`cannot be read from ${path} (${errorText(error)})`);
  }
  return parsePlan(text);
}

function isStep(step: Partial<PlanStep>): boolean {
  const { atMs, forMs, verb, targets, options } = step;
  return (
    isTime(atMs) &&
    isTime(forMs) &&
    planVerbs.some((known) => known === verb) &&
    Array.isArray(targets) &&
    targets.length > 0 &&
    targets.every((name) => typeof name === "string") &&
    typeof options === "object"
  );
}

function isTime(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function badPlan(what: string): XmtpTestError {
  return new XmtpTestError("CHAOS_PLAN", `The chaos plan ${what}.`, "Take one that a run attached.");
}
