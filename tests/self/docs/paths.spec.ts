import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { root } from "../package/consumer.js";

const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** Files and folders of this repository that a page names in backticks. */
const named = (text: string): string[] =>
  [...text.matchAll(/`((?:src|fixtures|tests|scripts|docs|bench|examples|api)\/[\w./-]*)`/g)].map(
    ([, path = ""]) => path,
  );

for (const page of ["docs/architecture.md", "CONTRIBUTING.md"])
  test(`every path that ${page} names exists`, () => {
    const paths = named(read(page));
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(
      named("write `src/attic/` and `docs/api`").filter((path) => !existsSync(join(root, path))),
    ).toHaveLength(2);
  });

test("every room of src/ has its sentence, and every sentence its room", () => {
  const [, table = ""] = /^\| room .*?\n((?:\|.*\n)+)/m.exec(read("docs/architecture.md")) ?? [];
  const told = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name = ""]) => name);
  const rooms = readdirSync(join(root, "src")).map((name) => name.replace(/\.ts$/, ""));
  expect(told.sort()).toEqual(rooms.sort());
});
