import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lacking, page, readPage, resultText, suites, writePage } from "../../../../scripts/versions.mjs";

test("the page has every version under test, and every suite", () => {
  expect(lacking(readFileSync(page, "utf8"))).toEqual([]);
});

test("a version that is new, one that is gone, and a suite without a column are told", () => {
  const text = writePage(new Map([["5.5.0", { functional: "2 of 2" }]]), ["5.5.0"]);
  expect(lacking(text, ["5.5.0"])).toEqual([]);
  expect(lacking(text, ["5.5.0", "6.0.0"])).toEqual(["no row for 6.0.0"]);
  expect(lacking(text, [])).toEqual(["5.5.0 is tested no more"]);
  expect(lacking(text.replaceAll(" chaos |", " storm |"), ["5.5.0"])).toEqual([
    "5.5.0 has no cell for chaos",
  ]);
});

test("what is written is read again, and what was not run says so", () => {
  const rows = new Map([["5.5.0", { bindings: "1.9.1", functional: "2 of 2 (Node 20.1.0, glibc 2.36)" }]]);
  const read = readPage(writePage(rows, ["5.5.0", "6.0.0"]));
  expect(read.get("5.5.0")).toMatchObject({ bindings: "1.9.1", functional: rows.get("5.5.0")?.functional });
  for (const suite of suites) expect(read.get("6.0.0")?.[suite]).toBe("not run");
});

test("a cell counts what ran; a run that never began is not a success", () => {
  const stats = { expected: 3, unexpected: 1, flaky: 1, skipped: 2 };
  expect(resultText({ stats })).toBe("3 of 5, 2 skipped");
  expect(resultText({ stats: { ...stats, unexpected: 0, flaky: 0, skipped: 0 } })).toBe("3 of 3");
  expect(resultText({ stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0 }, errors: [1] })).toBe(
    "did not start (1 errors)",
  );
});
