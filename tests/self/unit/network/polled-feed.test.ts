import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PolledFeed } from "#src/network/store/polled-feed.js";
import { SeededRandom } from "#src/random.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Run {
  /** Rows in the order of their ids, as they were stored. */
  readonly stored: readonly { readonly key: string; readonly id: bigint }[];
  readonly delivered: readonly { readonly key: string; readonly id: bigint }[];
  readonly lost: number;
}

/** Writers that each store one row after the other, under keys of their own choice, at the same time. */
async function run(seed: string, writers: readonly (readonly string[])[]): Promise<Run> {
  const feed = new PolledFeed<{ id: bigint }>(new SeededRandom(seed, "commits"));
  const stored: { key: string; id: bigint }[] = [];
  const delivered: { key: string; id: bigint }[] = [];
  feed.listen(new Set(writers.flat()), (key, { id }) => delivered.push({ key, id }));
  const all = Promise.all(
    writers.map(async (keys) => {
      for (const key of keys) {
        await feed.write(key, () => {
          const id = BigInt(stored.length + 1);
          stored.push({ key, id });
          return feed.publish(key, { id });
        });
      }
    }),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  await all;
  return { stored, delivered, lost: feed.lost };
}

const keysOf = (...names: string[]) =>
  fc.array(fc.array(fc.constantFrom(...names), { maxLength: 12 }), { minLength: 1, maxLength: 12 });

test("every row is delivered once or lost, ascending over all keys, whoever writes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), keysOf("a", "b", "c", "d"), async (seed, writers) => {
      const { stored, delivered, lost } = await run(seed, writers);
      expect(stored).toHaveLength(writers.flat().length);
      expect(delivered.length + lost).toBe(stored.length);
      const ids = delivered.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(a - b)));
    }),
    { numRuns: 60 },
  );
});

test("with one key, or one writer, nothing is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), keysOf("a"), keysOf("a", "b", "c"), async (seed, ofOneKey, others) => {
      expect((await run(seed, ofOneKey)).lost).toBe(0);
      expect((await run(seed, others.slice(0, 1))).lost).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test("with several of both some are lost, the same with the same seed, others with another", async () => {
  const writers = Array.from({ length: 16 }, (_, writer) =>
    Array.from({ length: 150 }, (_key, at) => `group ${(writer * 5 + at * 3) % 8}`),
  );
  const [one, again, other] = [await run("1", writers), await run("1", writers), await run("2", writers)];
  expect(one.lost).toBeGreaterThan(0);
  expect(one.lost, "a few of 2,400").toBeLessThan(100);
  expect(again).toEqual(one);
  expect(other.delivered).not.toEqual(one.delivered);
});

test("an insert that fails is told to its writer, and the next of its key goes on", async () => {
  const feed = new PolledFeed<{ id: bigint }>(new SeededRandom("1", "commits"));
  const failing = feed.write("a", () => Promise.reject(new Error("disk full")));
  const next = feed.write("a", () => feed.publish("a", { id: 1n }));
  await expect(failing).rejects.toThrow("disk full");
  await vi.advanceTimersByTimeAsync(1_000);
  await next;
});
