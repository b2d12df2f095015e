import { XmtpTestError } from "../errors.js";

/** A worker, or its name. */
export type Target = string | { readonly name: string };

/** One target or several; the manager of `getWorkers` and the fixture `workers` fit too. */
export type Targets = Target | Iterable<Target>;

/** Which way a fault acts: `upstream` is from the worker to the node. Default `both`. */
export type Direction = "both" | "upstream" | "downstream";

/** The names of the targets, each once, in the order given. @throws XmtpTestError `CHAOS_TARGETS` */
export function namesOf(targets: Targets): string[] {
  const list = typeof targets === "string" || !isIterable(targets) ? [targets] : [...targets];
  const names = list.map((target) => (typeof target === "string" ? target : target.name));
  if (names.length === 0)
    throw new XmtpTestError("CHAOS_TARGETS", "A fault has no targets.", "Name at least one worker.");
  return [...new Set(names)];
}

/** The streams of Toxiproxy that a direction covers. */
export function streamsOf(direction: Direction = "both"): ("upstream" | "downstream")[] {
  return direction === "both" ? ["upstream", "downstream"] : [direction];
}

/** For people. */
export function directionText(direction: Direction = "both"): string {
  return { both: "both ways", upstream: "to the node", downstream: "from the node" }[direction];
}

function isIterable(targets: object): targets is Iterable<Target> {
  return Symbol.iterator in targets;
}
