import type { Entry } from "./reader.js";

/**
 * Envelopes in the order in which they are handed out: each originator's by sequence, since cursors count by it and the
 * last of a page is where the next begins; the originators merged by time.
 *
 * Times may run backwards within an originator: rows from a snapshot or a state file carry another machine's clock, or
 * this one's before it was set back.
 */
export function merged<T>(items: readonly T[], entryOf: (item: T) => Entry): T[] {
  const byOriginator = new Map<number, T[]>();
  for (const item of items) {
    const { originator } = entryOf(item);
    const queue = byOriginator.get(originator);
    if (queue) queue.push(item);
    else byOriginator.set(originator, [item]);
  }
  const queues = [...byOriginator.values()].map((queue) => ({
    items: queue.sort((a, b) => compare(entryOf(a).sequence, entryOf(b).sequence)),
    at: 0,
  }));
  const result: T[] = [];
  while (result.length < items.length) {
    let first: T | undefined;
    let from: (typeof queues)[number] | undefined;
    for (const queue of queues) {
      const head = queue.items[queue.at];
      if (head !== undefined && (first === undefined || earlier(entryOf(head), entryOf(first))))
        [first, from] = [head, queue];
    }
    if (first === undefined || from === undefined) break;
    from.at++;
    result.push(first);
  }
  return result;
}

function earlier(a: Entry, b: Entry): boolean {
  return (compare(a.ns, b.ns) || compare(a.sequence, b.sequence)) < 0;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
