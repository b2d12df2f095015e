import { describe, expect, test } from "vitest";
import { XmtpTestError } from "../../../../src/errors.js";
import { checkBudgets, judge, unusedBudgets } from "../../../../src/report/measuring/budgets.js";
import type { Series } from "../../../../src/report/measuring/samples.js";

const send: Series = {
  operation: "send",
  size: 50,
  unit: "ms",
  sdkVersion: "5.5.0",
  backend: "embedded",
  values: [10, 20, 30],
  warmUps: [],
  timedOut: 0,
  delivery: false,
};
const crossed = (budgets: unknown, series: Series): string[] =>
  judge(checkBudgets(budgets), [series])
    .filter((verdict) => verdict.crossed)
    .map((verdict) => verdict.statistic);

describe("budgets", () => {
  test("a number is a limit on p95; the limit itself is not crossed", () => {
    expect(crossed({ send: 30 }, send)).toEqual([]);
    expect(crossed({ send: 29.9 }, send)).toEqual(["p95"]);
  });

  test("for a rate a number is the least median", () => {
    const rate: Series = { ...send, unit: "per_second" };
    expect(crossed({ send: 20 }, rate)).toEqual([]);
    expect(crossed({ send: 21 }, rate)).toEqual(["p50"]);
  });

  test("each statistic has its own limit", () => {
    expect(crossed({ send: { min: 9, p50: 19, p95: 29, p99: 29, max: 29, mean: 19 } }, send)).toEqual([
      "min",
      "p50",
      "p95",
      "p99",
      "max",
      "mean",
    ]);
  });

  test("a size of its own goes before every other size", () => {
    const budgets = { send: { 50: 100, "*": 1 } };
    expect(crossed(budgets, send)).toEqual([]);
    expect(crossed(budgets, { ...send, size: 51 })).toEqual(["p95"]);
  });

  test("timeouts cross a budget unless it allows them", () => {
    const late: Series = { ...send, timedOut: 2 };
    expect(crossed({ send: 100 }, late)).toEqual(["timedOut"]);
    expect(crossed({ send: { p95: 100, timedOut: 1 } }, late)).toEqual(["timedOut"]);
    expect(crossed({ send: { p95: 100, timedOut: 2 } }, late)).toEqual([]);
  });

  test("a budget on nothing but warmups is crossed", () => {
    expect(crossed({ send: 100 }, { ...send, values: [], warmUps: [5] })).toEqual(["samples"]);
  });

  test("an operation without a budget gives no verdict", () => {
    expect(judge(checkBudgets({ sync: 1 }), [send])).toEqual([]);
  });

  test("budgets that met no sample are named", () => {
    const checked = checkBudgets({ send: { 50: 1, 60: 1 }, snd: 1 });
    expect(unusedBudgets(checked, [send])).toEqual(["send.60", "snd"]);
  });

  test.each([
    [[{ send: 1 }], "budgets is not valid"],
    [{ send: "1" }, 'budgets.send is not valid ("1")'],
    [{ send: -1 }, "budgets.send is not valid (-1)"],
    [{ send: {} }, "budgets.send is not valid ({})"],
    [{ send: { p95: NaN } }, "budgets.send.p95 is not valid (null)"],
    [{ send: { p95: 1, 50: 2 } }, "budgets.send.50 is not valid (2)"],
    [{ send: { 50: { p59: 1 } } }, "budgets.send.50.p59 is not valid (1)"],
    [{ send: { fifty: 1 } }, "budgets.send.fifty is not valid (1)"],
  ])("%j is refused with the path of what is wrong", (budgets, text) => {
    expect(() => checkBudgets(budgets)).toThrow(XmtpTestError);
    expect(() => checkBudgets(budgets)).toThrow(text);
  });
});
