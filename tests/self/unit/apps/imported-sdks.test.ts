import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isEntry } from "../../../../src/apps/process/entry.js";
import { importedSdks } from "../../../../src/apps/process/imported-sdks.js";

let root = "";

/** A package in the app's node_modules. @returns its entry */
function install(folder: string, manifest: string): string {
  const dist = join(root, "node_modules", folder, "dist");
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, "../package.json"), manifest);
  writeFileSync(join(dist, "index.js"), "");
  return join(dist, "index.js");
}

const named = (name: string): string => JSON.stringify({ name, main: "dist/index.js" });
const entries: Record<string, string> = {};

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "playwright-xmtp-")));
  for (const folder of ["@xmtp/node-sdk", "chat-sdk", "@our/chat"])
    entries[folder] = install(folder, named("@xmtp/node-sdk"));
  for (const folder of ["viem", "@other/node-sdk"]) entries[folder] = install(folder, named(folder));
  entries["broken"] = install("broken", "{");
  // A name that the machine's packages may have too: the nearest one counts.
  entries["@xmtp/agent-sdk"] = install("@xmtp/agent-sdk", named("@xmtp/agent-sdk"));
});
afterAll(() => rmSync(root, { recursive: true }));

test("an entry of node-sdk is known by its package's name, whatever its folder's", () => {
  const known = Object.entries(entries).filter(([, file]) => isEntry(pathToFileURL(file).href));
  expect(known.map(([folder]) => folder)).toEqual(["@xmtp/node-sdk", "chat-sdk", "@our/chat"]);
  for (const url of ["node:fs", "data:text/javascript,/dist/index.js", "file:///nowhere/dist/index.js"])
    expect(isEntry(url), url).toBe(false);
});

test.each<[string, string[]]>([
  [`import { Client } from "@xmtp/node-sdk";`, ["@xmtp/node-sdk"]],
  [`import{Client as e}from'chat-sdk';export*from"@our/chat";`, ["chat-sdk", "@our/chat"]],
  [`import "chat-sdk"; const { Client } = await import("chat-sdk");`, ["chat-sdk"]],
  [`import "viem"; import "@other/node-sdk"; import "broken"; import "@xmtp/agent-sdk";`, []],
  [`import fs from "fs"; import "node:path"; import "./dist/index.js"; import "not-there";`, []],
  [`// from "chat-sdks" and import "";`, []],
])("%s imports %j", (text, folders) => {
  const require = createRequire(join(root, "bot.cjs"));
  expect(importedSdks(text, require)).toEqual(folders.map((folder) => entries[folder]));
});
