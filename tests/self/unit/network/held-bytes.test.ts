import fc from "fast-check";
import { expect, test } from "vitest";
import { HeldBytes } from "../../../../src/network/bounds/held-bytes.js";
import type { HeldByCall } from "../../../../src/network/bounds/held-bytes.js";

const LIMIT = 12_000;
const CONNECTIONS = 3;
/** What each open call costs. */
const CALL = 2_048;
const shared = Array.from({ length: 3 }, () => Buffer.alloc(3_000));

const step = fc.record({
  at: fc.nat(CONNECTIONS - 1),
  call: fc.nat(2),
  what: fc.oneof(
    fc.record({ take: fc.integer({ min: 1, max: 6_000 }) }),
    fc.record({ send: fc.nat(shared.length - 1) }),
    fc.constantFrom("open" as const, "open" as const, "sent" as const, "close" as const, "leave" as const),
  ),
});

/** A call as the model has it. */
interface Open {
  readonly held: HeldByCall;
  taken: number;
  readonly frames: Buffer[];
}

test("the limit is never passed, whoever holds most gives way, and all is free at the end", () => {
  let ended = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const all = new HeldBytes(LIMIT);
      const calls: Open[][] = [];
      const sizeOf = (at: number): number =>
        (calls[at] ?? []).reduce(
          (sum, { taken, frames }) =>
            sum + CALL + taken + frames.reduce((bytes, one) => bytes + one.length, 0),
          0,
        );
      const connect = (at: number): ReturnType<HeldBytes["connection"]> => {
        calls[at] = [];
        return all.connection(() => {
          ended++;
          const others = [0, 1, 2].filter((other) => other !== at).map(sizeOf);
          expect(sizeOf(at), "who is ended holds most").toBeGreaterThanOrEqual(Math.max(...others));
          calls[at] = [];
          connections[at] = connect(at);
        });
      };
      const connections: ReturnType<HeldBytes["connection"]>[] = [];
      for (let at = 0; at < CONNECTIONS; at++) connections[at] = connect(at);

      for (const { at, call, what } of steps) {
        const open = calls[at]?.[call % (calls[at].length || 1)];
        if (what === "open") {
          const held = connections[at]?.call();
          if (held) calls[at]?.push({ held, taken: 0, frames: [] });
          else refused++;
        } else if (what === "leave") {
          connections[at]?.close();
          connections[at] = connect(at);
        } else if (!open) continue;
        else if (what === "close") {
          open.held.close();
          calls[at]?.splice(calls[at].indexOf(open), 1);
        } else if (what === "sent") {
          open.held.sent();
          open.frames.shift();
        } else if ("take" in what) {
          if (open.held.take(what.take)) open.taken += what.take;
          else refused++;
        } else {
          const frame = shared[what.send] as Buffer;
          if (open.held.send(frame)) open.frames.push(frame);
          else refused++;
        }
        const opened = calls.flat();
        const distinct = new Set(opened.flatMap(({ frames }) => frames));
        const expected =
          opened.reduce((sum, { taken }) => sum + CALL + taken, 0) +
          [...distinct].reduce((sum, { length }) => sum + length, 0);
        expect(all.total, "bytes in all").toBe(expected);
        expect(all.total).toBeLessThanOrEqual(LIMIT);
        expect(connections.map(({ bytes }) => bytes)).toEqual([0, 1, 2].map(sizeOf));
      }
      for (const connection of connections) connection.close();
      expect(all.total).toBe(0);
    }),
    { numRuns: 2_000 },
  );
  expect(
    [ended, refused].every((count) => count > 100),
    `${ended} ended, ${refused} refused`,
  ).toBe(true);
});

test("one that asks for more than others hold is refused; one that holds more than it asks for is ended", () => {
  const all = new HeldBytes(10_000);
  const ended: string[] = [];
  const [greedy, modest] = ["greedy", "modest"].map((name) => all.connection(() => ended.push(name)).call());
  expect(greedy?.take(5_000)).toBe(true);
  expect(greedy?.take(5_000), "it asks for more than is left").toBe(false);
  expect(modest?.take(3_000), "somebody else holds most").toBe(true);
  expect(ended).toEqual(["greedy"]);
  expect(greedy?.take(1), "it is gone").toBe(false);
});
