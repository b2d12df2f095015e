import { readFileSync, statSync } from "node:fs";
import { execFile } from "node:child_process";
import { join, posix } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { root } from "./consumer.js";

const run = promisify(execFile);
const read = (name: string): string => readFileSync(join(root, name), "utf8");

interface Manifest {
  readonly bin: Record<string, string>;
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly peerDependenciesMeta: Record<string, { readonly optional: boolean }>;
}
interface Lock {
  readonly packages: Record<string, { readonly optionalDependencies?: Record<string, string> }>;
}

async function packed(): Promise<string[]> {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    maxBuffer: 2 ** 26,
  });
  const [one] = Object.values(JSON.parse(stdout) as Record<string, { files: { path: string }[] }>);
  return (one?.files ?? []).map(({ path }) => path);
}

test("the tarball holds what users need, and nothing else", async () => {
  const files = await packed();
  expect(files.length).toBeGreaterThan(100);
  const top = new Set(files.map((path) => path.split("/")[0]));
  expect([...top].sort()).toEqual(
    [
      "CHANGELOG.md",
      "CONTRIBUTING.md",
      "LICENSE",
      "README.md",
      "dist",
      "docs",
      "examples",
      "package.json",
    ].sort(),
  );
  const stray = (path: string): boolean =>
    /\.(map|tsbuildinfo|db3|tgz)$/.test(path) ||
    (/(?<!\.d)\.ts$/.test(path) && !path.startsWith("examples/"));
  expect(files.filter(stray)).toEqual([]);

  const { bin, exports } = JSON.parse(read("package.json")) as Manifest;
  const targets = [
    ...Object.values(bin),
    ...Object.values(exports).flatMap((one) => (typeof one === "string" ? [one] : [one.types, one.default])),
  ];
  for (const target of targets) expect(files).toContain(posix.normalize(target));
});

test("the built command can be run, whoever has linked it before", () => {
  const { bin } = JSON.parse(read("package.json")) as Manifest;
  expect(Object.values(bin)).toHaveLength(1);
  for (const file of Object.values(bin)) expect(statSync(join(root, file)).mode & 0o111).toBe(0o111);
});

test("no picture is shipped but those that a page shows", async () => {
  const files = await packed();
  const pictures = files.filter((path) => /\.(png|jpe?g|gif|svg|webp)$/.test(path));
  const shown = files
    .filter((path) => path.endsWith(".md"))
    .flatMap((page) =>
      // Badges are elsewhere.
      [...read(page).matchAll(/!\[[^\]]*\]\((?!https:)([^)]+)\)/g)].map(([, path = ""]) =>
        posix.join(posix.dirname(page), path),
      ),
    );
  expect(pictures.sort()).toEqual([...new Set(shown)].sort());
});

test("every link of the shipped pages leads to a shipped file", async () => {
  const files = await packed();
  const pages = files.filter((path) => path.endsWith(".md"));
  for (const page of pages) {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = ""]) => link);
    for (const link of links) {
      expect(files, `${page} links ${link}`).toContain(posix.join(posix.dirname(page), link));
    }
  }
});

test("an example imports packages and files beside it only, so that it can be copied", async () => {
  const examples = (await packed()).filter((path) => /^examples\/.*\.(ts|mjs)$/.test(path));
  expect(examples.length).toBeGreaterThan(5);
  for (const file of examples) {
    const found = [...read(file).matchAll(/from "(\.[^"]+)"/g)].map(([, to = ""]) => to);
    for (const to of found) {
      const source = posix.join(posix.dirname(file), to.replace(/\.js$/, ".ts"));
      expect(examples, `${file} imports ${to}`).toContain(source);
    }
  }
});

test("Playwright and the SDK are peers only: two copies of them break a run; the rest is for who needs it", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    read("package.json"),
  ) as Manifest;
  expect(Object.keys(peerDependencies).sort()).toEqual([
    "@playwright/test",
    "@xmtp/node-sdk",
    "artillery",
    "viem",
  ]);
  expect(peerDependenciesMeta).toEqual({ artillery: { optional: true }, viem: { optional: true } });
  expect(Object.keys(dependencies).filter((name) => /playwright|xmtp|viem|artillery/.test(name))).toEqual([]);
});

test("the lock names every platform's packages, and no registry", () => {
  const text = read("package-lock.json");
  expect(text).not.toContain('"resolved"');
  const { packages } = JSON.parse(text) as Lock;
  const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")));
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !names.has(name))
      .map((name) => `${path}: ${name}`),
  );
  expect(missing).toEqual([]);
});
