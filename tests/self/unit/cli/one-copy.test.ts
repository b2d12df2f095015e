import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { overrideBindings } from "#src/cli/one-copy.js";

let root = "";
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "playwright-xmtp-init-"))));
afterEach(() => rmSync(root, { recursive: true }));

const sdk = { version: "5.5.0", bindings: "1.9.1" };
const nothing = { lines: [], commands: [] };
const primitives = "@xmtp/content-type-primitives";
const ours = { [primitives]: { "@xmtp/node-bindings": "1.9.1" } };
const write = (manifest: object): void =>
  writeFileSync(join(root, "package.json"), JSON.stringify(manifest, null, "\t"));
const text = (): string => readFileSync(join(root, "package.json"), "utf8");
const overrides = (): unknown => (JSON.parse(text()) as { overrides?: unknown }).overrides;

test("the override is written once, beside what is there, and follows the SDK", async () => {
  write({ name: "app", overrides: { viem: "2.57.20" } });
  expect(await overrideBindings(root, sdk)).toEqual({
    lines: ["wrote an override into package.json: one copy of @xmtp/node-bindings (1.9.1) instead of two"],
    commands: ["npm install"],
  });
  expect(overrides()).toEqual({ viem: "2.57.20", ...ours });
  expect(text()).toContain('\n\t"overrides"');
  expect(await overrideBindings(root, sdk)).toEqual(nothing);
  expect(await overrideBindings(root, { version: "6.0.0", bindings: "1.10.0" })).not.toEqual(nothing);
  expect(overrides()).toMatchObject({ [primitives]: { "@xmtp/node-bindings": "1.10.0" } });
});

test("in a workspace it goes where npm reads it: into the package.json of all", async () => {
  write({ name: "all", workspaces: ["packages/*"] });
  const below = join(root, "packages/bot");
  mkdirSync(below, { recursive: true });
  writeFileSync(join(below, "package.json"), "{}");
  expect(await overrideBindings(below, sdk)).toMatchObject({ commands: ["npm install", "npm dedupe"] });
  expect(overrides()).toEqual(ours);
  expect(readFileSync(join(below, "package.json"), "utf8")).toBe("{}");
});

test.each<[string, object, string?]>([
  ["yarn", { name: "app" }, "yarn.lock"],
  ["pnpm", { name: "app" }, "pnpm-lock.yaml"],
  ["a manager that package.json names", { name: "app", packageManager: "pnpm@10.0.0" }],
  ["an override of the user's own", { name: "app", overrides: { [primitives]: "3.0.1" } }],
])("with %s nothing is written", async (_who, manifest, file) => {
  write(manifest);
  if (file !== undefined) writeFileSync(join(root, file), "");
  const before = text();
  expect(await overrideBindings(root, sdk)).toEqual(nothing);
  expect(text()).toBe(before);
});

test("nor for 4.x, which has one copy anyway, nor where the version or the package.json is missing", async () => {
  expect(await overrideBindings(root, sdk)).toEqual(nothing);
  write({ name: "app" });
  expect(await overrideBindings(root, { version: "4.6.0", bindings: "1.6.8" })).toEqual(nothing);
  expect(await overrideBindings(root, { version: "", bindings: "" })).toEqual(nothing);
  expect(overrides()).toBeUndefined();
});
