import { describe, expect, it } from "vitest";
import type { Blob, NodeBlob, ProcessBlob, UserRecord } from "../../../../src/load/measuring/blob.js";
import { Histogram } from "../../../../src/load/measuring/histogram.js";
import { Population } from "../../../../src/load/population/population.js";
import { mergeBlobs } from "../../../../src/load/report/merge.js";
import { renderLoadPage } from "../../../../src/load/report/page.js";

const population = { users: 4, groups: 1, groupSize: 4, dms: 0 };
const settledAt = 100_000;

/** A user that has sent two messages in time, and has seen both of everybody. */
function user(number: number, more: Partial<UserRecord> = {}): UserRecord {
  const others = new Population({ seed: "s", run: "r", ...population })
    .of(number)
    .flatMap(({ number: of, members }) =>
      members.filter((one) => one !== number).map((one) => [of, one, 2] as const),
    );
  return {
    user: number,
    state: "settled",
    settledAt,
    acknowledged: [
      [0, 1, 10_000],
      [0, 2, 20_000],
    ],
    lastSeen: others,
    lost: [],
    ...more,
  };
}

function blob(current: number, users: readonly UserRecord[], more: Partial<ProcessBlob> = {}): ProcessBlob {
  const times = new Histogram();
  for (const one of users) times.add(10 + one.user);
  return {
    kind: "users",
    version: 1,
    run: "r",
    seed: "s",
    shard: { current, total: 2 },
    pid: current,
    sdk: "5.5.0",
    cpuMs: 400,
    peakMemoryMb: 100,
    population,
    slices: [
      {
        at: 1_000 + 2 * current,
        counters: { "xmtp.sent": 4, "xmtp.acknowledged": 4, "xmtp.delivered": 12 },
        histograms: { "xmtp.delivery_ms": times.buckets },
      },
    ],
    users,
    ...more,
  };
}

const node: NodeBlob = {
  kind: "node",
  version: 1,
  run: "r",
  cpuMs: 200,
  samples: [],
  faults: [{ what: "cut", from: 1_003_000, to: 1_004_000 }],
};
const whole = (): Blob[] => [blob(1, [user(0), user(2)]), blob(2, [user(1), user(3)]), node];

describe("the report of several processes", () => {
  it("adds up, in any order of the blobs", () => {
    const report = mergeBlobs(whole());
    expect(mergeBlobs(whole().reverse())).toEqual(report);
    expect(report).toMatchObject({ status: "passed", problems: [], missingShards: [], seconds: 4 });
    expect(report.counters).toMatchObject({ "xmtp.sent": 8, "xmtp.delivered": 24, "xmtp.lost": 0 });
    expect(report.histograms["xmtp.delivery_ms"]?.n).toBe(4);
    expect(report.histograms["xmtp.delivery_ms"]?.max).toBeCloseTo(13, 0);
    expect(report.users).toEqual({ settled: 4, died: 0, unfinished: 0, absent: 0 });
    expect(report.node?.cpuShare).toBeCloseTo(0.2);
    expect(report.tails).toEqual({ checked: 12, undecided: 0, lost: [] });
    expect(report.slices.map(({ at }) => at)).toEqual([0, 2]);
  });

  it("finds the last message of a conversation that one receiver lacks", () => {
    const [first] = user(2).lastSeen;
    const lacking = user(2, {
      lastSeen: user(2).lastSeen.map(([of, sender, seq], at) => [of, sender, at === 0 ? 1 : seq]),
    });
    const report = mergeBlobs([blob(1, [user(0), lacking]), blob(2, [user(1), user(3)])]);
    expect(report.status).toBe("failed");
    expect(report.tails.lost).toEqual([
      `user 2 has not message 2 of user ${first?.[1]} in conversation 0, nor any after it`,
    ]);
  });

  it("does not judge what was acknowledged when the receiver looked, nor who left nothing behind", () => {
    const late = user(0, {
      acknowledged: [
        [0, 1, 10_000],
        [0, 3, settledAt - 100],
      ],
    });
    const report = mergeBlobs([blob(1, [late, user(2)]), blob(2, [user(1)])]);
    expect(report.tails).toMatchObject({ undecided: 3, lost: [] });
    expect(report.problems).toEqual(["1 users of the population never arrived"]);
  });

  it.each<[string, () => Blob[], RegExp]>([
    ["a shard is missing", () => [blob(1, [user(0), user(2)])], /shard 2\/2 left no blob/],
    [
      "somebody died",
      () => [blob(1, [user(0), user(2, { state: "died", error: "E: why" })]), blob(2, [user(1), user(3)])],
      /1 users died\n.*user 2 died: E: why/s,
    ],
    [
      "somebody is not at its end",
      () => [blob(1, [user(0), user(2, { state: "unfinished" })]), blob(2, [user(1), user(3)])],
      /1 users did not come to their end/,
    ],
    [
      "Artillery's own threshold was crossed",
      () => [...whole(), { kind: "end", version: 1, run: "r", shard: { current: 2, total: 2 }, exit: 1 }],
      /^Artillery of shard 2\/2 ended with 1: a threshold/,
    ],
    [
      "nothing was delivered",
      () => whole().map((one) => ({ ...one, slices: [] }) as Blob),
      /nothing is shown/,
    ],
  ])("fails where %s", (_, blobs, text) => {
    const report = mergeBlobs(blobs());
    expect(report.status).toBe("failed");
    expect(report.problems.join("\n")).toMatch(text);
  });

  it("takes blobs of one run and population only", () => {
    const other = blob(2, [user(1), user(3)], { run: "q" });
    expect(() => mergeBlobs([blob(1, [user(0)]), other])).toThrow(/BAD_LOAD_BLOB: .*different runs: r, q/);
    const larger = blob(2, [], { population: { ...population, users: 5 } });
    expect(() => mergeBlobs([blob(1, [user(0)]), larger])).toThrow(/BAD_LOAD_BLOB: .*different populations/);
    expect(() => mergeBlobs([node])).toThrow(/BAD_LOAD_BLOB/);
  });
});

describe("the page of a load run", () => {
  it("shows curves, faults and problems, and escapes what users' errors say", () => {
    const dead = user(2, { state: "died", error: "<script>alert(1)</script>" });
    const page = renderLoadPage(mergeBlobs([blob(1, [user(0), dead]), blob(2, [user(1), user(3)]), node]));
    expect(page).toContain("XMTP load run: failed");
    expect(page).toContain('aria-label="Delivered over time: delivered: at most 6 /s"');
    expect(page).toContain('class="band"');
    expect(page).toContain("user 2 died: &#60;script&#62;");
    expect(page).not.toContain("<script");
    expect(page).toContain("20 % of all");
  });
});
