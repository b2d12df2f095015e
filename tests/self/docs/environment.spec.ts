import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { root } from "../package/consumer.js";

const read = (name: string): string => readFileSync(join(root, name), "utf8");

test("one file reads the environment, and the docs list what it reads", () => {
  const [, union = ""] = /export type Variable =([^;]+);/.exec(read("src/environment.ts")) ?? [];
  const names = [...union.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(10);
  const page = read("docs/environment.md");
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  expect(page).toContain("`CHROMIUM_PATH`");

  const files = ["src", "fixtures"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
  );
  // The templates are text for users' own files; what is in apps/process runs in the process of an app under test.
  const elsewhere = ["templates", join("apps", "process")];
  const readers = files.filter(
    (name) =>
      name.endsWith(".ts") &&
      !elsewhere.some((part) => name.includes(part)) &&
      read(name).includes("process.env"),
  );
  expect(readers).toEqual([join("src", "environment.ts")]);
});
