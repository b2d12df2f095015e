import { expect, test as base } from "playwright-xmtp";
import { startNode } from "#src/network/index.js";
import { installedSdks, preflight } from "#src/workers/sdk/index.js";
import { installVersions, others } from "./installed.js";
import { exchange } from "./scenario.js";

/** Of the versions under test, the one that knows XIP-83. */
const version = others.find((one) => one.startsWith("6.1.")) ?? "6.1";
const names = ["alice", "bob", "carol"].map((name) => `${name}-a-${version}`);

// libxmtp reads the variable once per process, so these tests have a process of their own: a worker fixture of
// another name makes one.
const test = base.extend<object, { bidiStreams: string }>({
  bidiStreams: [
    async ({}, use) => {
      process.env["XMTP_BIDI_STREAMS_ENABLED"] = "1";
      await use("enabled");
      delete process.env["XMTP_BIDI_STREAMS_ENABLED"];
    },
    { scope: "worker", auto: true },
  ],
});

test.describe.configure({ mode: "default" });
test.beforeAll(() => {
  test.setTimeout(600_000);
  installVersions();
});
test.beforeEach(() => {
  const sdk = installedSdks().find((one) => one.version === version);
  const { works, reasons } =
    sdk === undefined ? { works: false, reasons: ["not installed"] } : preflight(sdk);
  test.skip(!works, `node-sdk ${version}: ${reasons.join("; ")}`);
});

test("streams run over Subscribe, and no other stream is opened", async ({ getWorkers, network }) => {
  const before = await network.stats();
  await exchange(await getWorkers(names));
  const { requests } = await network.stats();
  expect(requests["Subscribe"] ?? 0).toBeGreaterThan(before.requests["Subscribe"] ?? 0);
  for (const legacy of ["SubscribeGroupMessages", "SubscribeWelcomeMessages"]) {
    expect(requests[legacy], legacy).toBe(before.requests[legacy]);
  }
  expect(await network.subscriptions()).toMatchObject([{ kind: "topics" }]);
});

test("a node without it: one refused call, then the older streams", async ({ getWorkers }) => {
  await using node = await startNode({ bidiStreams: false });
  const workers = await getWorkers(Object.fromEntries(names.map((name) => [name, node.url])));
  await exchange(workers);
  const { requests } = await node.stats();
  expect(requests["SubscribeGroupMessages"]).toBeGreaterThan(0);
  expect(requests).not.toHaveProperty("Subscribe");
  await workers.terminateAll();
});
