import { describe, expect, it } from "vitest";
import { combineVerdicts, verdictLines } from "../../../../src/oracles/index.js";
import type { Offender, Verdict } from "../../../../src/oracles/index.js";
import { counted } from "../../../../src/oracles/verdict.js";

const pass: Verdict = { status: "pass", oracle: "p", checked: 2 };
const unsure: Verdict = { status: "inconclusive", oracle: "u", reason: "why" };
const offender = (detail: string): Offender => {
  return { kind: "lost", worker: "bob", installationId: "bob-1", detail, seqs: [] };
};
const fail = (...details: string[]): Verdict => {
  return { status: "fail", oracle: "f", summary: "s", offenders: details.map(offender) };
};

describe("verdicts", () => {
  it("combine to the worst", () => {
    expect(combineVerdicts("all", [pass, pass])).toEqual({ status: "pass", oracle: "all", checked: 4 });
    const part: Verdict = { ...pass, unjudged: 3 };
    expect(combineVerdicts("all", [pass, part, part])).toMatchObject({ checked: 6, unjudged: 6 });
    expect(combineVerdicts("all", [pass, unsure, unsure])).toEqual({
      status: "inconclusive",
      oracle: "all",
      reason: "u: why; u: why",
    });
    expect(combineVerdicts("all", [pass, unsure, fail("x"), fail("y")])).toEqual({
      status: "fail",
      oracle: "all",
      summary: "all: 2 violations, the first: x",
      offenders: [offender("x"), offender("y")],
    });
    expect(combineVerdicts("all", [])).toEqual({
      status: "inconclusive",
      oracle: "all",
      reason: "there was nothing to combine",
    });
  });

  it("print as lines, the offenders up to a limit", () => {
    expect(verdictLines(pass)).toEqual(["p: pass (2 judged)"]);
    expect(verdictLines(unsure)).toEqual(["u: inconclusive: why"]);
    expect(verdictLines(fail("x"))).toEqual(["f: 1 violation", "  lost: x"]);
    expect(verdictLines(fail("x", "y"), 2)).toEqual(["f: 2 violations", "  lost: x", "  lost: y"]);
    expect(verdictLines(fail("x", "y", "z"), 1)).toEqual(["f: 3 violations", "  lost: x", "  … and 2 more"]);
    expect(verdictLines(fail(...Array.from("abcdefghijkl")))).toHaveLength(12);
  });

  it("count", () => {
    expect([counted(0, "send"), counted(1, "send"), counted(2, "send")]).toEqual([
      "0 sends",
      "1 send",
      "2 sends",
    ]);
  });
});
