import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spreadAround, substream } from "../../../../src/toxiproxy/toxics/random.js";
import { LimitDataStage } from "../../../../src/toxiproxy/toxics/limit-data.js";
import { NoopStage } from "../../../../src/toxiproxy/toxics/noop.js";
import { cutPoints } from "../../../../src/toxiproxy/toxics/slicer.js";
import { TimeoutStage } from "../../../../src/toxiproxy/toxics/timeout.js";
import type { Chunk, Receiver, Stage } from "../../../../src/toxiproxy/toxics/stage.js";

/** The end of a chain: keeps what comes. */
class End implements Receiver {
  readonly got: string[] = [];
  ended = false;
  full = false;
  push(chunk: Chunk): void {
    this.got.push(chunk.data.toString());
  }
  end(): void {
    this.ended = true;
  }
}

const chunk = (text: string): Chunk => ({ data: Buffer.from(text), at: 0 });
function before<S>(stage: Stage<S>): End {
  const end = new End();
  stage.next = end;
  return end;
}

describe("limit_data", () => {
  test.each([
    ["smaller than the limit", 100, ["abc"], ["abc"], false],
    ["exactly the limit", 3, ["abc"], ["abc"], true],
    ["bigger than the limit", 2, ["abc"], ["ab"], true],
    ["several chunks to the limit", 4, ["ab", "cd"], ["ab", "cd"], true],
    ["the second goes over", 3, ["ab", "cd"], ["ab", "c"], true],
    ["nothing after the limit", 2, ["ab", "cd"], ["ab"], true],
    ["a limit of 0", 0, ["ab"], [], true],
    ["a limit below 0", -5, ["ab"], [], true],
  ] as const)("%s", (_, bytes, sent, got, ended) => {
    const stage = new LimitDataStage({ bytes });
    const end = before(stage);
    for (const text of sent) stage.push(chunk(text));
    expect([end.got, end.ended]).toEqual([got, ended]);
  });

  test("an end passes, and a limit of 0 does not end what sends nothing", () => {
    const stage = new LimitDataStage({ bytes: 0 });
    const end = before(stage);
    expect(end.ended).toBe(false);
    stage.end();
    expect(end.ended).toBe(true);
  });

  test("counts on over an update", () => {
    const stage = new LimitDataStage({ bytes: 10 });
    const end = before(stage);
    stage.push(chunk("abcd"));
    stage.update({ bytes: 5 });
    stage.push(chunk("efgh"));
    expect([end.got, end.ended]).toEqual([["abcd", "e"], true]);
  });
});

describe("a chain", () => {
  test("waits for room, asks for more when there is some, and ends after its data", () => {
    const stage = new NoopStage({});
    const end = before(stage);
    let asked = 0;
    stage.previous = { pump: () => asked++ };
    end.full = true;
    stage.push(chunk("a"));
    stage.end();
    expect([end.got, end.ended, stage.full, asked]).toEqual([[], false, true, 0]);
    end.full = false;
    stage.pump();
    expect([end.got, end.ended, stage.full]).toEqual([["a"], true, false]);
    expect(asked).toBeGreaterThan(0);
  });

  test("a removed stage hands on all it holds, room or not, and its end", () => {
    const stage = new NoopStage({});
    const end = before(stage);
    end.full = true;
    stage.push(chunk("a"));
    stage.push(chunk("b"));
    stage.end();
    stage.remove();
    expect([end.got, end.ended]).toEqual([["a", "b"], true]);
  });

  test("nothing passes after the end", () => {
    const stage = new NoopStage({});
    const end = before(stage);
    stage.end();
    stage.push(chunk("late"));
    expect(end.got).toEqual([]);
  });

  test("a timeout drops data, and its removal ends the connection", () => {
    const stage = new TimeoutStage({ timeout: 0 });
    const end = before(stage);
    stage.push(chunk("lost"));
    expect([end.got, end.ended, stage.full]).toEqual([[], false, false]);
    stage.remove();
    expect([end.got, end.ended]).toEqual([[], true]);
  });
});

describe("slices", () => {
  const random = substream(1, "slices");

  test("cover everything in order, each between 1 byte and average + variation", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40_000 }),
        fc.nat(5000),
        fc.nat(6000),
        (size, average, variation) => {
          const cuts = cutPoints(
            size,
            { average_size: average, size_variation: variation, delay: 0 },
            random,
          );
          const most = Math.max(1, average) + Math.min(variation, Math.max(1, average));
          let last = 0;
          for (const cut of cuts) {
            expect(cut).toBeGreaterThan(last);
            expect(cut - last).toBeLessThanOrEqual(most);
            last = cut;
          }
          expect(last).toBe(size);
        },
      ),
    );
  });

  test("average 1, variation 0: a piece for each byte", () => {
    expect(cutPoints(24, { average_size: 1, size_variation: 0, delay: 0 }, random)).toHaveLength(24);
  });

  test("480 kB at 1024 ± 512: between 240 and 720 pieces", () => {
    const { length } = cutPoints(480_000, { average_size: 1024, size_variation: 512, delay: 0 }, random);
    expect(length).toBeGreaterThan(240);
    expect(length).toBeLessThan(720);
  });
});

describe("random draws", () => {
  const draws = (...key: (string | number)[]) => Array.from({ length: 50 }, substream(1, ...key));

  test("follow from seed and key alone, and differ by key", () => {
    expect(draws("p", 1, "a")).toEqual(draws("p", 1, "a"));
    expect(draws("p", 1, "a")).not.toEqual(draws("p", 2, "a"));
    expect(draws("p", 1, "a")).not.toEqual(draws("p", 1, "b"));
    expect(draws("ab", "c")).not.toEqual(draws("a", "bc"));
    expect(substream(2, "p")()).not.toBe(substream(1, "p")());
  });

  test("are spread evenly over first draws of near keys", () => {
    const firsts = Array.from({ length: 2000 }, (_, connection) =>
      substream(1, "p", connection, "downstream")(),
    );
    for (const share of [0.1, 0.3, 0.5, 0.9]) {
      const below = firsts.filter((draw) => draw < share).length / firsts.length;
      expect(Math.abs(below - share)).toBeLessThan(0.05);
    }
  });

  test("around a spread stay in [-spread, spread - 1]", () => {
    const random = substream(1, "spread");
    const seen = new Set(Array.from({ length: 500 }, () => spreadAround(random, 3)));
    expect([...seen].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2]);
    expect(spreadAround(random, 0)).toBe(0);
    expect(spreadAround(random, -4)).toBe(0);
  });
});
