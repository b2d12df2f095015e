import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StateFile } from "#src/network/state/state-file.js";
import { NotStoredError } from "#src/network/store/not-stored.js";
import { FaultyDisk } from "./faulty-disk.js";
import type { Fault } from "./faulty-disk.js";

const RUNS = 10_000;

const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("short" as const), bytes: fc.nat(80) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("ENOSPC" as const, "EIO" as const, "EDQUOT" as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("kill" as const), bytes: fc.nat(80) }) },
);

type Step =
  | { readonly do: "write"; readonly size: number }
  | { readonly do: "room"; readonly more: number | undefined }
  | { readonly do: "kill" | "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("write" as const), size: fc.nat(120) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("room" as const),
      more: fc.option(fc.nat(200), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("kill" as const, "restart" as const) }) },
);

interface Acknowledged {
  readonly lost: number;
  readonly acknowledged: number;
}

/** Runs a history against a state file, and counts what was acknowledged and is not there after all. */
function run(
  steps: readonly Step[],
  writes: readonly (Fault | undefined)[],
  truncates: readonly (Fault | undefined)[],
  lies = false,
): Acknowledged {
  const disk = new FaultyDisk();
  disk.lies = lies;
  disk.plan = { write: (call) => writes[call], truncate: (call) => truncates[call] };
  const model: string[] = [];
  /** The one change that was under way when the process was killed: there, or not. */
  let underWay: string | undefined;
  let file: StateFile<string> | undefined;
  let next = 0;

  const open = (): void => {
    const found: string[] = [];
    try {
      file = StateFile.open<string>("node.state", (change) => found.push(change), { files: disk });
    } catch (error) {
      // No room for the beginning, or killed in it: there is no node until the next start.
      if (!(error instanceof NotStoredError)) throw error;
      file = undefined;
    }
    if (underWay !== undefined && found.length === model.length + 1) model.push(underWay);
    underWay = undefined;
    expect(found, "what a start finds is what was acknowledged").toEqual(model);
  };

  open();
  for (const one of steps) {
    if (one.do === "room") {
      disk.room = one.more === undefined ? Infinity : disk.content.length + one.more;
    } else if (one.do !== "write" || file === undefined) {
      if (one.do === "restart") file?.close();
      open();
    } else {
      const change = `${next++}${"x".repeat(one.size)}`;
      try {
        file.write([change]);
        model.push(change);
      } catch (error) {
        if (!(error instanceof NotStoredError)) throw error;
        if (disk.dead) {
          underWay = change;
          open();
        }
      }
    }
  }
  // The disk is well again: the node goes on, and the file is readable.
  disk.plan = { write: () => undefined, truncate: () => undefined };
  disk.room = Infinity;
  if (file === undefined || disk.dead) open();
  (file as unknown as StateFile<string>).write(["last"]);
  model.push("last");
  const found: string[] = [];
  StateFile.open<string>("node.state", (change) => found.push(change), { files: disk });
  const there = new Set(found);
  return { lost: model.filter((change) => !there.has(change)).length, acknowledged: model.length };
}

describe("a state file on a faulty disk", () => {
  test(`loses no acknowledged change in ${RUNS} histories of short writes, full disks, errors and kills`, () => {
    let lost = 0;
    let acknowledged = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.array(fault, { maxLength: 30 }),
        fc.array(fault, { maxLength: 6 }),
        (steps, writes, truncates) => {
          const result = run(steps, writes, truncates);
          lost += result.lost;
          acknowledged += result.acknowledged;
        },
      ),
      { numRuns: RUNS, seed: 12 },
    );
    expect(lost).toBe(0);
    // Else the faults leave nothing to lose.
    expect(acknowledged).toBeGreaterThan(RUNS);
  }, 120_000);

  test("a node that does not look at what was written is found out", () => {
    const histories = fc.sample(fc.tuple(fc.array(step, { minLength: 5, maxLength: 25 }), fc.array(fault)), {
      numRuns: 200,
      seed: 1,
    });
    const caught = histories.filter(([steps, writes]) => {
      try {
        return run(steps, writes, [], true).lost > 0;
      } catch {
        return true;
      }
    });
    expect(caught.length).toBeGreaterThan(histories.length / 4);
    expect(() =>
      run(
        [{ do: "write", size: 9 }, { do: "write", size: 9 }, { do: "restart" }],
        [undefined, { kind: "short", bytes: 8 }],
        [],
        true,
      ),
    ).toThrow(/node.state is not the complete state of a node \(the record at byte 29 is damaged\)/u);
  });

  test("killed at every byte of every record, the header too", () => {
    const whole = new FaultyDisk();
    const file = StateFile.open<number>("node.state", () => undefined, { files: whole });
    const ends = [whole.content.length];
    for (let n = 0; n < 5; n++) {
      file.write([n]);
      ends.push(whole.content.length);
    }
    for (let cut = 0; cut <= whole.content.length; cut++) {
      const disk = new FaultyDisk();
      disk.content = whole.content.subarray(0, cut);
      const found: number[] = [];
      const again = StateFile.open<number>("node.state", (change) => found.push(change), { files: disk });
      const records = ends.filter((end) => end <= cut).length - 1;
      expect(found, `cut at ${cut}`).toEqual([0, 1, 2, 3, 4].slice(0, Math.max(0, records)));
      again.write([99]);
      found.length = 0;
      StateFile.open<number>("node.state", (change) => found.push(change), { files: disk });
      expect(found.at(-1)).toBe(99);
    }
  });

  test("tells of trouble once, and of its end once", () => {
    const disk = new FaultyDisk();
    const told: (string | undefined)[] = [];
    const file = StateFile.open<string>("node.state", () => undefined, {
      files: disk,
      onTrouble: (error) => told.push(error?.message),
    });
    disk.room = disk.content.length + 5;
    for (let n = 0; n < 3; n++) expect(() => file.write(["a"])).toThrow(NotStoredError);
    expect(told).toEqual([
      "STATE_NOT_STORED: node.state takes no changes (ENOSPC: the disk says so, write). They are refused, and those before are safe. " +
        "Free some space, or repair the disk: the node then continues by itself, and a client may send again.",
    ]);
    disk.room = Infinity;
    for (let n = 0; n < 3; n++) file.write(["b"]);
    expect(told.slice(1)).toEqual([undefined]);
  });

  test("a file that the disk has no room to begin is an error that names the disk, and gives the file back", () => {
    const disk = new FaultyDisk();
    disk.room = 10;
    expect(() => StateFile.open("node.state", () => undefined, { files: disk })).toThrow(
      /ENOSPC.*Free some space/u,
    );
    expect(disk.open_).toBe(0);
    disk.room = Infinity;
    StateFile.open("node.state", () => undefined, { files: disk });
  });
});
