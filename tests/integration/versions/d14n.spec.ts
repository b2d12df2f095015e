import { expect, test } from "playwright-xmtp";
import { installedSdks, preflight } from "#src/workers/sdk/index.js";
import { installVersions, others } from "./installed.js";
import { exchange } from "./scenario.js";

const workersOf = (version: string): string[] =>
  ["alice", "bob", "carol"].map((name) => `${name}-a-${version}`);

test.use({ workerDefaults: { gateway: true } });
test.describe.configure({ mode: "default" });
test.beforeAll(() => {
  test.setTimeout(600_000);
  installVersions();
});

for (const version of others.filter((one) => !one.startsWith("4.4."))) {
  test(`${version} over a gateway`, async ({ getWorkers, network }) => {
    const sdk = installedSdks().find((one) => one.version === version);
    const { works, reasons } = sdk === undefined ? { works: false, reasons: [] } : preflight(sdk);
    test.skip(!works, `node-sdk ${version}: ${reasons.join("; ")}`);
    const before = await network.stats();
    await exchange(await getWorkers(workersOf(version)));
    const { requests } = await network.stats();
    const more = (name: string): number => (requests[name] ?? 0) - (before.requests[name] ?? 0);
    expect(more("PublishClientEnvelopes")).toBeGreaterThan(0);
    expect(more("SubscribeTopics") + more("SubscribeEnvelopes")).toBeGreaterThan(0);
    for (const v3 of ["SendGroupMessages", "QueryGroupMessages", "SubscribeGroupMessages"]) {
      expect(more(v3), v3).toBe(0);
    }
  });
}

test("4.4.0 says that it has no gateway", async ({ getWorkers }) => {
  await expect(getWorkers(workersOf("4.4.0"))).rejects.toMatchObject({
    code: "SDK_UNSUPPORTED",
    message: expect.stringContaining("node-sdk 4.4.0 cannot use a gateway"),
  });
});
