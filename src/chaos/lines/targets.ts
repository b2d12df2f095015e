import { XmtpTestError, valueText } from "../../errors.js";

/** A worker, an app, a page, a line; or its name. */
export type Target = string | { readonly name: string };

/** One target or several; the manager of `getWorkers` and the fixture `workers` fit too. */
export type Targets = Target | Iterable<Target>;

/** Which way a fault acts: `upstream` is from the party to the node. Default `both`. */
export type Direction = "both" | "upstream" | "downstream";

/** The names of the targets, each once, in the order given. @throws XmtpTestError `CHAOS_TARGETS` */
export function namesOf(targets: Targets): string[] {
  const list = isIterable(targets) ? [...targets] : [targets];
  const names = list.map(nameOf);
  if (names.length === 0)
    throw new XmtpTestError("CHAOS_TARGETS", "A fault has no targets.", "Name at least one party.");
  return [...new Set(names)];
}

/** @throws XmtpTestError `CHAOS_TARGETS` for what has no name, such as an SDK client */
function nameOf(target: Target): string {
  const name = typeof target === "string" ? target : (target as Partial<{ name: unknown }> | undefined)?.name;
  if (typeof name === "string") return name;
  throw new XmtpTestError(
    "CHAOS_TARGETS",
    `A fault cannot act on ${typeof target === "object" ? "this object" : valueText(target)}.`,
    'Give a worker or its name: alice or "alice", not alice.client; several in a list.',
  );
}

/** The streams of Toxiproxy that a direction covers. */
export function streamsOf(direction: Direction = "both"): ("upstream" | "downstream")[] {
  return direction === "both" ? ["upstream", "downstream"] : [direction];
}

/** For people. */
export function directionText(direction: Direction = "both"): string {
  return { both: "both ways", upstream: "to the node", downstream: "from the node" }[direction];
}

function isIterable(targets: Targets): targets is Iterable<Target> & object {
  // JavaScript users may give nothing at all.
  const given = targets as unknown;
  return typeof given === "object" && given !== null && Symbol.iterator in given;
}
