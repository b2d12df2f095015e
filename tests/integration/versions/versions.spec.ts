import { expect, test } from "playwright-xmtp";
import { installedSdks, loadSdk, preflight, thisHost } from "#src/workers/sdk/index.js";
import type { Preflight } from "#src/workers/sdk/index.js";
import { installVersions, others } from "./installed.js";
import { exchange } from "./scenario.js";

const primary = "5.5.0";
const all = [...others, primary].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

// One after the other: each version adds its native library to the process.
test.describe.configure({ mode: "default" });
test.beforeAll(() => {
  test.setTimeout(600_000);
  installVersions();
});

function look(version: string): Preflight {
  const sdk = installedSdks().find((one) => one.version === version);
  if (sdk === undefined) throw new Error(`node-sdk ${version} has not been installed`);
  return preflight(sdk);
}

function needs(...versions: string[]): void {
  for (const version of versions) {
    const { works, reasons } = look(version);
    test.skip(!works, `node-sdk ${version}: ${reasons.join("; ")}`);
  }
}

test("the table of versions: each loads, or says why not", async ({}, testInfo) => {
  const rows: string[][] = [];
  for (const version of all) {
    const { sdk, works, reasons, notes } = look(version);
    const loading = loadSdk(version);
    if (works) {
      expect(await loading).toMatchObject({ version, bindingsVersion: sdk.bindingsVersion });
    } else {
      await expect(loading).rejects.toMatchObject({ code: "SDK_BINDING" });
      await expect(loading).rejects.toThrow(reasons[0]);
    }
    rows.push([version, sdk.bindingsVersion, works ? "yes" : "no", [...reasons, ...notes].join("; ")]);
  }
  const host = thisHost();
  const title = `${host.target}, glibc ${host.glibc || "none"}, Node ${host.node}`;
  const lines = [["node-sdk", "bindings", "loads here", "remarks"], ["---", "---", "---", "---"], ...rows];
  const table = lines.map((row) => `| ${row.join(" | ")} |`).join("\n");
  console.log(`${title}\n${table}`);
  await testInfo.attach("versions.md", { body: `${title}\n\n${table}\n`, contentType: "text/markdown" });
});

for (const version of all) {
  test(`${version} alone`, async ({ getWorkers }) => {
    needs(version);
    const workers = await getWorkers(["alice", "bob", "carol"].map((name) => `${name}-a-${version}`));
    expect(workers.getAll().map((worker) => worker.sdkVersion)).toEqual([version, version, version]);
    await exchange(workers);
  });
}

for (const [at, older] of all.entries()) {
  for (const newer of all.slice(at + 1)) {
    for (const [one, other] of [
      [older, newer],
      [newer, older],
    ] as const) {
      test(`${one} with ${other}`, async ({ getWorkers }) => {
        needs(one, other);
        await exchange(await getWorkers([`alice-a-${one}`, `bob-a-${other}`, `carol-a-${other}`]));
      });
    }
  }
}
