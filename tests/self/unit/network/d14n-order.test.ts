import fc from "fast-check";
import { expect, test } from "vitest";
import { merged } from "../../../../src/network/services/d14n/merge.js";
import type { Entry } from "../../../../src/network/services/d14n/reader.js";

/** Rows of several originators, ascending by sequence, with times that may run backwards. */
const rows = fc
  .array(fc.record({ originator: fc.constantFrom(0, 1, 10, 11), ns: fc.bigInt(0n, 50n) }), { maxLength: 60 })
  .map((list): Entry[] =>
    list.map((row, at) => ({ ...row, sequence: BigInt(at + 1), key: "", envelope: {} as never })),
  );

const itself = (entry: Entry): Entry => entry;

/** What a client does: asks page after page, each from the last sequence it saw of each originator. */
function paged(all: readonly Entry[], size: number): Entry[] {
  const seen = new Map<number, bigint>();
  const got: Entry[] = [];
  for (let page = 0; page <= all.length; page++) {
    const left = all.filter(({ originator, sequence }) => sequence > (seen.get(originator) ?? 0n));
    const next = merged(left, itself).slice(0, size);
    if (next.length === 0) return got;
    for (const { originator, sequence } of next)
      if (sequence > (seen.get(originator) ?? 0n)) seen.set(originator, sequence);
    got.push(...next);
  }
  throw new Error("paging does not end");
}

test("pages of any size give each row once, in the order of one page of all", () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 7 }), (all, size) => {
      expect(paged(all, size)).toEqual(merged(all, itself));
      expect(merged(all, itself)).toHaveLength(all.length);
    }),
  );
});

test("each originator's rows ascend by sequence, whatever their times", () => {
  fc.assert(
    fc.property(rows, (all) => {
      for (const one of new Set(all.map(({ originator }) => originator))) {
        const sequences = merged(all, itself)
          .filter(({ originator }) => originator === one)
          .map(({ sequence }) => Number(sequence));
        expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      }
    }),
  );
});

test("the property finds rows that are lost by a sort by time, which was the order before", () => {
  const all: Entry[] = [1000n, 1001n, 1002n, 500n].map((ns, at) => ({
    originator: 10,
    sequence: BigInt(at + 1),
    ns,
    key: "",
    envelope: {} as never,
  }));
  const byTime = [...all].sort((a, b) => Number(a.ns - b.ns)).slice(0, 2);
  const seen = byTime.reduce((max, { sequence }) => (sequence > max ? sequence : max), 0n);
  expect(all.filter(({ sequence }) => sequence > seen)).toEqual([]);
  expect(paged(all, 2).map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4]);
});
