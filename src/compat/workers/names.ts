/** Names that suites of this kind count on: `getWorkers(2, { randomNames: false })` is bob and alice. */
export const defaultNames: readonly string[] = (
  "bob alice fabri elon joe charlie dave eve frank grace henry ivy jack karen larry mary nancy oscar paul quinn " +
  "rachel steve tom ursula victor wendy xavier yolanda zack adam bella carl diana eric fiona george hannah ian " +
  "julia keith lisa mike nina oliver penny quentin rosa sam tina walt uma vince xena yara zara guada"
).split(" ");

const given = new Set<string>();

/** The first `count` names; from the 57th on with a number behind. */
export function getFixedNames(count: number): string[] {
  return Array.from({ length: count }, (_, at) => nameAt(at));
}

/**
 * `count` names that nobody else in this describe has: each call gives other people. In order, so that a run can be
 * repeated; the suites' own draws by `Math.random`, and may give a name twice.
 */
export function getRandomNames(count: number): string[] {
  const names: string[] = [];
  for (let at = 0; names.length < count; at++) {
    const name = nameAt(at);
    if (!given.has(name)) names.push(name);
  }
  for (const name of names) given.add(name);
  return names;
}

/** A new describe: all names are free again. */
export function freeNames(): void {
  given.clear();
}

/** Marks a name as somebody's, so that no random one is the same. */
export function takeName(name: string): void {
  given.add(name);
}

function nameAt(at: number): string {
  const round = Math.floor(at / defaultNames.length);
  return `${defaultNames[at % defaultNames.length] ?? ""}${round === 0 ? "" : round + 1}`;
}
