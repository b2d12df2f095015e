import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { adviseSdk, copiesText, otherCopies, releases } from "#src/workers/sdk/index.js";
import { installHint, newestThatLoads } from "#src/workers/sdk/loading/advice.js";
import { chooseSdk, defaultSdkVersion } from "#src/workers/sdk/loading/choose.js";
import { projectFolderIs, projectSdk, sdkSeenFrom } from "#src/workers/sdk/loading/discover.js";
import type { InstalledSdk } from "#src/workers/sdk/index.js";

let root = "";
beforeEach(() => (root = realpathSync(mkdtempSync(join(tmpdir(), "playwright-xmtp-tree-")))));
afterEach(() => {
  rmSync(root, { recursive: true });
  projectFolderIs(() => process.cwd());
});

function put(path: string, manifest: object): string {
  mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, path, "package.json"), JSON.stringify(manifest));
  return join(root, path);
}
const putSdk = (path: string, version: string): string =>
  put(join(path, "node_modules/@xmtp/node-sdk"), { name: "@xmtp/node-sdk", version });
const seen = (path: string): InstalledSdk => {
  const sdk = sdkSeenFrom(join(root, path));
  if (sdk === undefined) throw new Error("no node-sdk");
  return sdk;
};

describe("the project's own node-sdk", () => {
  test("is the one that its folder resolves, not the one of a workspace above it", () => {
    putSdk(".", "5.5.0");
    putSdk("apps/old", "4.6.0");
    put("apps/new", { name: "new" });
    projectFolderIs(() => join(root, "apps/old"));
    expect(projectSdk()?.version).toBe("4.6.0");
    expect(defaultSdkVersion(undefined)).toBe("4.6.0");
    projectFolderIs(() => join(root, "apps/new"));
    expect(projectSdk()?.version).toBe("5.5.0");
    expect(() => chooseSdk("4.6"), "a neighbor's is out of reach").toThrow(/4\.6 is not installed .*5\.5\.0/);
  });

  test("is the link's target in a tree of links", () => {
    const real = putSdk("store", "5.1.1");
    mkdirSync(join(root, "app/node_modules/@xmtp"), { recursive: true });
    symlinkSync(real, join(root, "app/node_modules/@xmtp/node-sdk"));
    projectFolderIs(() => join(root, "app"));
    expect(projectSdk()).toMatchObject({ version: "5.1.1", directory: real });
  });

  test("is not another package by that folder's name", () => {
    put("node_modules/@xmtp/node-sdk", { name: "a-fork", version: "5.5.0" });
    expect(sdkSeenFrom(root)).toBeUndefined();
  });
});

describe("two versions in a tree", () => {
  test("a dependency with another one is named, with what makes them one", () => {
    putSdk(".", "5.5.0");
    put(".", { name: "app", dependencies: { "@xmtp/agent-sdk": "2.3.0" } });
    put("node_modules/@xmtp/agent-sdk", {
      name: "@xmtp/agent-sdk",
      dependencies: { "@xmtp/node-sdk": "6.0.0" },
    });
    putSdk("node_modules/@xmtp/agent-sdk", "6.0.0");
    const copies = otherCopies(seen("."), root);
    expect(copies).toContainEqual({ seenBy: "@xmtp/agent-sdk", version: "6.0.0" });
    expect(copiesText(seen("."), copies)).toBe(
      "workers run on node-sdk 5.5.0, but @xmtp/agent-sdk has 6.0.0. npm install @xmtp/node-sdk@6.0.0 makes it one.",
    );
  });

  test("types of another version than the workers' are named first", () => {
    putSdk(".", "4.6.0");
    const text = copiesText(seen("."), [{ seenBy: "playwright-xmtp", version: "5.5.0" }]);
    expect(text).toContain("Types of workers are 5.5.0's.");
    expect(text).toContain("@xmtp/node-sdk@4.6.0");
    expect(text).toContain("npm dedupe");
  });

  test("nothing is said where all agree", () => {
    const here = sdkSeenFrom(dirname(import.meta.dirname));
    if (here === undefined) throw new Error("no node-sdk here");
    put(".", { name: "app", dependencies: { "@xmtp/agent-sdk": "2.2.0", left: "1.0.0" } });
    put("node_modules/@xmtp/agent-sdk", { dependencies: { "@xmtp/node-sdk": here.version } });
    putSdk(".", here.version);
    expect(copiesText(here, otherCopies(here, root))).toBe("");
  });
});

describe("what a machine can run", () => {
  const linux = (glibc: string) => ({ target: "linux-x64-gnu", glibc, node: "22.0.0" });

  test("the newest release by glibc", () => {
    const [newest, before] = releases;
    if (newest === undefined || before === undefined) throw new Error("no releases");
    expect(newestThatLoads(linux(newest.glibc))).toBe(newest.version);
    expect(newestThatLoads(linux("2.100")), "2.100 is newer than 2.38").toBe(newest.version);
    expect(newestThatLoads(linux("2.36"))).toBe(before.version);
    expect(newestThatLoads(linux("2.17"))).toBeUndefined();
    expect(newestThatLoads({ target: "linux-x64-musl", glibc: "", node: "22.0.0" })).toBe(newest.version);
    expect(installHint(newestThatLoads(linux("2.17")))).toContain("they need glibc 2.34 or newer");
  });

  test("a project without node-sdk, with one that does not load, with one that does", () => {
    expect(adviseSdk(root, linux("2.36"))).toEqual({ found: undefined, reasons: [], install: "5.5.0" });
    putSdk(".", "6.0.0");
    expect(adviseSdk(root, linux("2.36"))).toMatchObject({
      found: { version: "6.0.0" },
      reasons: [expect.stringContaining("main file is missing")],
      install: "5.5.0",
    });
    const here = dirname(import.meta.dirname);
    expect(adviseSdk(here)).toMatchObject({ reasons: [], install: undefined });
  });
});
