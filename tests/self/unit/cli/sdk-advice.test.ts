import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { provideSdk } from "#src/cli/sdk-advice.js";

let root = "";
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "playwright-xmtp-init-"))));
afterEach(() => rmSync(root, { recursive: true }));

const host = (glibc: string) => ({ target: "linux-x64-gnu", glibc, node: "22.0.0" });
const file = (): string => join(root, "package.json");
const write = (manifest: object, indent: number | string = 2): void =>
  writeFileSync(file(), JSON.stringify(manifest, null, indent));
const read = (): unknown => JSON.parse(readFileSync(file(), "utf8"));

test.each([
  ["2.41", "6.0.0"],
  ["2.36", "5.5.0"],
])("glibc %s: the newest that loads there is %s", async (glibc, version) => {
  write({ name: "app", devDependencies: { vitest: "4.0.0", "@playwright/test": "1.60.0" } });
  const { lines, changed } = await provideSdk(root, host(glibc));
  expect(changed).toBe(true);
  expect(lines.join("\n")).toContain(`wrote @xmtp/node-sdk ${version} into package.json (there is no`);
  expect(read()).toEqual({
    name: "app",
    devDependencies: { "@playwright/test": "1.60.0", "@xmtp/node-sdk": version, vitest: "4.0.0" },
  });
});

test("in a workspace it goes beside this package, whose types follow what it sees", async () => {
  write({ name: "all", workspaces: ["packages/*"] });
  mkdirSync(join(root, "node_modules/playwright-xmtp"), { recursive: true });
  const below = join(root, "packages/bot");
  mkdirSync(below, { recursive: true });
  writeFileSync(join(below, "package.json"), "{}");
  const { lines } = await provideSdk(below, host("2.36"));
  expect(lines.join("\n")).toContain("wrote @xmtp/node-sdk 5.5.0 into ../../package.json");
  expect(read()).toMatchObject({ devDependencies: { "@xmtp/node-sdk": "5.5.0" } });
  expect(readFileSync(join(below, "package.json"), "utf8")).toBe("{}");
});

test("tabs stay tabs", async () => {
  write({ name: "app" }, "\t");
  await provideSdk(root, host("2.36"));
  expect(readFileSync(file(), "utf8")).toContain('\n\t"devDependencies"');
});

test("one that came with another package and does not load is told why, and replaced", async () => {
  write({ name: "app", dependencies: { "@xmtp/agent-sdk": "2.3.0" } });
  const folder = join(root, "node_modules/@xmtp/node-sdk");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "@xmtp/node-sdk", version: "6.0.0" }));
  const { lines } = await provideSdk(root, host("2.36"));
  expect(lines.join("\n")).toMatch(
    /wrote @xmtp\/node-sdk 5\.5\.0 .*\(node-sdk 6\.0\.0: its main file is missing/,
  );
});

test("what the project asks for itself is left alone", async () => {
  const manifest = { name: "app", dependencies: { "@xmtp/node-sdk": "6.0.0" } };
  write(manifest);
  expect((await provideSdk(root, host("2.36"))).lines.join("\n")).toContain("Run: npm install");
  const folder = join(root, "node_modules/@xmtp/node-sdk");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "@xmtp/node-sdk", version: "6.0.0" }));
  const { lines, changed } = await provideSdk(root, host("2.36"));
  expect(changed).toBe(false);
  expect(lines.join("\n")).toContain("package.json asks for 6.0.0, so it is left as it is.");
  expect(lines.join("\n")).toContain("npm install --save-dev @xmtp/node-sdk@5.5.0");
  expect(read()).toEqual(manifest);
});

test("where nothing loads, it says so; without a package.json, it says what to run", async () => {
  expect((await provideSdk(root, host("2.17"))).lines.join("\n")).toContain("no release of it loads here");
  expect((await provideSdk(root, host("2.36"))).lines.join("\n")).toContain("Run: npm install --save-dev");
});
