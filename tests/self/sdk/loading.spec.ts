import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import * as app from "@xmtp/node-sdk";
import { recoverMessageAddress, toHex } from "viem";
import { installedSdks, loadSdk, newSigner, preflight, releases, thisHost } from "#src/workers/sdk/index.js";
import { expect, test } from "./clients.js";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** Runs code in a Node process of its own; returns its last line as JSON. */
function inNode(code: string, env: NodeJS.ProcessEnv = {}, cwd = repository): unknown {
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

const sharedBindings = `process.report.getReport().sharedObjects.filter((file) => file.includes("bindings_node"))`;

test("importing the package loads no native code; loadSdk does", () => {
  const before = inNode(`await import("playwright-xmtp"); console.log(JSON.stringify(${sharedBindings}))`);
  expect(before).toEqual([]);
  const after = inNode(
    `const { loadSdk } = await import("#src/workers/sdk/index.js"); await loadSdk();
     console.log(JSON.stringify(${sharedBindings}))`,
  );
  expect(after).toHaveLength(1);
});

test("the module is the one the application imports, and its classes stay as they are", async ({
  client,
}) => {
  const methodsOf = (name: "Client" | "Conversations" | "Conversation" | "Group"): unknown =>
    Object.getOwnPropertyDescriptors(app[name].prototype);
  const before = [
    methodsOf("Client"),
    methodsOf("Conversations"),
    methodsOf("Conversation"),
    methodsOf("Group"),
  ];
  const sdk = await loadSdk();
  expect(sdk.exports["Client"]).toBe(app.Client);
  const alice = await client();
  const group = await alice.client.conversations.createGroup([]);
  await group.sendText("hello");
  expect(group).toBeInstanceOf(app.Group);
  expect(alice.client).toBeInstanceOf(app.Client);
  expect(alice.client.conversations).toBeInstanceOf(app.Conversations);
  expect([
    methodsOf("Client"),
    methodsOf("Conversations"),
    methodsOf("Conversation"),
    methodsOf("Group"),
  ]).toEqual(before);
});

test("an alias of any name is found, and an unusable one says why", () => {
  // Outside this repository, whose node_modules would lend it their bindings.
  const root = mkdtempSync(join(tmpdir(), "playwright-xmtp-"));
  const folder = join(root, "node_modules", "old-chat-sdk");
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "@xmtp/node-sdk", version: "3.9.1", exports: "./index.js" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "index.js"), "");
  const result = inNode(
    `const { installedSdks, loadSdk } = await import("#src/workers/sdk/index.js");
     const { specifier } = installedSdks().find(({ version }) => version === "3.9.1");
     const failure = await loadSdk("3.9").then(() => null, ({ code, message }) => ({ code, message }));
     console.log(JSON.stringify({ specifier, failure }))`,
    { XMTP_SDK_PATH: root },
  );
  rmSync(root, { recursive: true });
  expect(result).toEqual({
    specifier: "old-chat-sdk",
    failure: {
      code: "SDK_BINDING",
      message: expect.stringMatching(
        /^SDK_BINDING: node-sdk 3\.9\.1 .*bindings \(@xmtp\/node-bindings\) are not installed.*load here: 5\.5\.0/,
      ) as unknown,
    },
  });
});

test("a project without node-sdk is told what to install", () => {
  const root = mkdtempSync(join(tmpdir(), "playwright-xmtp-"));
  // A copy of the build, out of reach of this repository's packages but for those it needs itself.
  cpSync(join(repository, "dist"), join(root, "dist"), { recursive: true });
  cpSync(join(repository, "package.json"), join(root, "package.json"));
  mkdirSync(join(root, "node_modules"));
  for (const name of ["@noble", "@bufbuild"]) {
    symlinkSync(join(repository, "node_modules", name), join(root, "node_modules", name));
  }
  const failure = inNode(
    `const { loadSdk } = await import(${JSON.stringify(join(root, "dist/src/workers/sdk/index.js"))});
     try { await loadSdk(); } catch ({ code, message }) { console.log(JSON.stringify({ code, message })); }`,
    {},
    root,
  );
  rmSync(root, { recursive: true });
  expect(failure).toEqual({
    code: "SDK_VERSION",
    message: expect.stringMatching(
      /has no @xmtp\/node-sdk, .*\(found: none\)\..*npm install --save-dev @xmtp\/node-sdk@\d+\.\d+\.\d+/s,
    ) as unknown,
  });
});

test("the table of releases says what the bindings ask for", () => {
  const here = installedSdks().find(({ specifier }) => specifier === "@xmtp/node-sdk");
  const release = releases.find(({ version }) => version === here?.version);
  if (here === undefined || release === undefined)
    throw new Error("the version developed on is not a release");
  const oneLess = `2.${Number(release.glibc.split(".")[1]) - 1}`;
  const on = (glibc: string) => preflight(here, { target: "linux-x64-gnu", glibc, node: "22.0.0" }).works;
  expect([on(oneLess), on(release.glibc)]).toEqual([false, true]);
});

test("a version that is not installed is refused with the installed ones and the way to get it", () => {
  expect(() => loadSdk("4.0.3")).toThrow(
    /4\.0\.3 is not installed \(found: .*5\.5\.0 .*npm:@xmtp\/node-sdk@4\.0\.3/,
  );
});

test("the preflight names what a machine lacks", () => {
  const primary = installedSdks().find(({ specifier }) => specifier === "@xmtp/node-sdk");
  if (primary === undefined) throw new Error("@xmtp/node-sdk is not installed");
  expect(preflight(primary)).toMatchObject({ works: true, reasons: [] });
  const linux = { target: "linux-x64-gnu", glibc: "2.17", node: thisHost().node };
  expect(preflight(primary, linux).reasons).toEqual([
    expect.stringMatching(/^it needs glibc 2\.\d+, this system has 2\.17$/),
  ]);
  expect(preflight(primary, { target: "sunos-sparc", glibc: "", node: "22.0.0" })).toMatchObject({
    works: false,
    reasons: [expect.stringMatching(/no native bindings for sunos-sparc \(it has: .*linux-x64-musl/)],
    notes: [],
  });
  expect(preflight(primary, { ...linux, node: "18.1.0" }).notes).toEqual([
    `it asks for Node ${primary.engines}, this is 18.1.0`,
  ]);
});

test("a wallet signs as Ethereum wallets do, and shows its key nowhere", async () => {
  const signer = newSigner();
  const text = "XMTP : Authenticate to inbox\n\nünïcode";
  const signature = toHex(await signer.sign(text));
  const recovered = await recoverMessageAddress({ message: text, signature });
  expect(recovered.toLowerCase()).toBe(signer.address);
  expect(newSigner().address).not.toBe(signer.address);
  const shown = inspect(signer, { depth: 10, showHidden: true }) + JSON.stringify(signer);
  expect(Object.keys({ ...signer })).toEqual(["address"]);
  expect(shown.match(/[0-9a-f]{64}|Uint8Array|Buffer/i)).toBeNull();
});
