import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { threadEntry } from "../../../../src/threads/entry.js";

let folder = "";
const compiled = new URL("file:///compiled/node-thread.js");
const entry = () => threadEntry("node", compiled, pathToFileURL(`${folder}/`));
const file = async (name: string, second: number): Promise<void> => {
  await writeFile(join(folder, name), "");
  await utimes(join(folder, name), second, second);
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "threads-"));
  await mkdir(join(folder, "threads"));
});
afterEach(async () => rm(folder, { recursive: true }));

test("what was compiled starts where no bundle was made", () => {
  expect(entry()).toBe(compiled);
});

test("the bundle starts where nothing was compiled since, as in a package", async () => {
  await file("threads/node.js", 100);
  expect(entry().pathname).toBe(join(folder, "threads/node.js"));
  await file(".tsbuildinfo", 99);
  expect(entry().pathname).toBe(join(folder, "threads/node.js"));
});

test("a bundle of what has changed since is left alone", async () => {
  await file("threads/node.js", 100);
  await file(".tsbuildinfo", 101);
  expect(entry()).toBe(compiled);
});
