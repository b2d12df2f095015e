import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Fingerprints } from "../../../../src/network/store/fingerprints.js";
import { FRAME_HEADER_BYTES } from "../../../../src/network/grpc/frame.js";
import { KeyedLog } from "../../../../src/network/store/keyed-log.js";
import type { Row } from "../../../../src/network/store/keyed-log.js";
import { PackedLog } from "../../../../src/network/store/packed-log.js";
import type { PackedRow } from "../../../../src/network/store/packed-log.js";

interface Plain extends Row {
  readonly text: string;
}

const text = ({ frame }: PackedRow): string => frame.subarray(FRAME_HEADER_BYTES).toString();
const packed = (row: PackedRow): Plain => {
  expect(row.frame.readUInt8(0)).toBe(0);
  expect(row.frame.readUInt32BE(1)).toBe(row.frame.length - FRAME_HEADER_BYTES);
  return { id: row.id, text: text(row) };
};

describe("a packed log is a log", () => {
  const key = fc.constantFrom("a", "b", "c");
  /** Small ones, some that need a block to themselves, and some in between that do not fit in what is left of one. */
  const size = fc.oneof(fc.nat(300), fc.constantFrom(60_000, 100_000, 131_072, 1_500_000));
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ verb: fc.constant("append" as const), key, size }) },
    fc.record({ verb: fc.constant("refused" as const), key, size }),
    fc.record({ verb: fc.constant("burn" as const) }),
    fc.record({ verb: fc.constant("clear" as const), undone: fc.boolean() }),
  );

  test("whatever is appended, taken back, cleared and asked", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.bigInt(0n, 70n),
        fc.nat(5),
        (steps, cursor, limit) => {
          const [log, model] = [new PackedLog(), new KeyedLog<Plain>()];
          let count = 0;
          const append = (name: string, length: number): void => {
            const id = log.nextId();
            expect(model.nextId()).toBe(id);
            const content = `${count++}`.padEnd(length, ".");
            expect(packed(log.append(name, id, Buffer.from(content)).row)).toEqual({ id, text: content });
            model.append(name, { id, text: content });
          };
          for (const one of steps) {
            if (one.verb === "append") append(one.key, one.size);
            if (one.verb === "refused") {
              append(one.key, one.size);
              for (const each of [log, model]) each.removeNewest(one.key);
            }
            if (one.verb === "burn") expect(log.nextId()).toBe(model.nextId());
            if (one.verb === "clear") {
              const backs = [log.clear(), model.clear()];
              if (one.undone) for (const back of backs) back();
            }
          }
          expect([log.size, log.lastId]).toEqual([model.size, model.lastId]);
          for (const name of ["a", "b", "c", "nobody"]) {
            const newest = log.newest(name);
            expect(newest && packed(newest)).toEqual(model.newest(name));
            expect(log.after(name, cursor, limit).map(packed)).toEqual(model.after(name, cursor, limit));
            expect(log.before(name, cursor, limit).map(packed)).toEqual(model.before(name, cursor, limit));
            expect(Array.from(log.above(name, cursor), packed)).toEqual([...model.above(name, cursor)]);
            expect(Array.from(log.downwards(name), packed)).toEqual([...model.rows(name)].reverse());
          }
          expect(Array.from(log.entries(), packed)).toEqual(Array.from(model.entries(), ([, row]) => row));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("rows that come while it is read are read too", () => {
    const log = new PackedLog();
    log.append("a", log.nextId(), Buffer.from("one"));
    const rows = log.above("a", 0n);
    expect(text(rows.next().value as PackedRow)).toBe("one");
    log.append("a", log.nextId(), Buffer.from("two"));
    expect(text(rows.next().value as PackedRow)).toBe("two");
    expect(rows.next().done).toBe(true);
  });
});

test("fingerprints find every position that has them, through growth and removals", () => {
  const print = fc.nat(40);
  fc.assert(
    fc.property(
      fc.array(fc.record({ print, gone: fc.boolean() }), { maxLength: 3_000, size: "max" }),
      (steps) => {
        const table = new Fingerprints();
        const model = new Map<number, Set<number>>();
        steps.forEach(({ print: one, gone }, position) => {
          table.add(one, position);
          if (gone) table.remove(one, position);
          else model.set(one, (model.get(one) ?? new Set()).add(position));
        });
        for (let one = 0; one <= 41; one++) {
          expect(new Set(table.find(one))).toEqual(model.get(one) ?? new Set());
        }
      },
    ),
    { numRuns: 50 },
  );
});
