import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { compatNames } from "../../../dist/src/cli/migrate/names.js";
import { root } from "../package/consumer.js";

const page = readFileSync(join(root, "docs/migrating.md"), "utf8");

/** Identifiers in the code spans of one column of the page's table; one that ends in "…" stands for all with its beginning. */
function words(column: number): string[] {
  const cells = page
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| -"))
    .map((line) => line.split(" | ")[column] ?? "");
  const spans = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span));
  return spans.flatMap((span) => span.replace(/"[^"]*"/g, "").match(/[A-Za-z_]\w*…?/g) ?? []);
}

const fits = (name: string, word: string): boolean =>
  word.endsWith("…") ? name.startsWith(word.slice(0, -1)) : word === name;

test("the table has every value of the compat entry", () => {
  const { values } = compatNames();
  const known = words(0);
  expect(values.size).toBeGreaterThan(100);
  expect([...values].filter((name) => !known.some((word) => fits(name, word)))).toEqual([]);
  expect(known.some((word) => fits("nobodyMadeThis", word))).toBe(false);
});

test("the table names nothing that is not there", () => {
  const folders = [
    "dist/src/compat",
    "dist/src/workers",
    "dist/src/chaos",
    "dist/src/verification",
    "dist/fixtures",
  ];
  const code = folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => join(root, folder, String(name))),
    )
    .filter((path) => path.endsWith(".d.ts") && existsSync(path))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  // Arguments in the samples, and what stands in for a figure or another package's name.
  const samples =
    /^(n|names|name|url|testName|group|id|ms|template|receivers|receiver|members|change|count|expect|vi|false|true|worker|bob|alice|size|send|time|bar)$/;
  const odd = words(0).filter((word) => !samples.test(word) && !code.includes(word.replace("…", "")));
  expect([...new Set(odd)]).toEqual([]);
});
