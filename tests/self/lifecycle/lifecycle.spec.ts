import { expect, test } from "@playwright/test";
import { runAndCount } from "./probe.js";
import type { Remains } from "./probe.js";

test.describe.configure({ timeout: 120_000 });

const imports = `import { test, expect, typeofStream, typeOfSync, getWorkers } from "./probed.js";`;
const busy = `
  await Promise.all([alice, bob].map(async ({ worker }) => {
    await worker.startStream(typeofStream.Message);
    await worker.startStream(typeofStream.Conversation);
    await worker.startStream(typeofStream.Consent);
    await worker.startSync(typeOfSync.Sync, 20);
  }));
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  await dm.sendText("hello");
  await expect(bob).toHaveReceived("hello");
`;

/** After every ending the same must be true: nothing open at the node, in the process, or on the disk. */
function expectNothingLeft({ stats, resources, files }: Remains): void {
  expect(stats.openSubscriptions).toBe(0);
  expect(stats.openConnections).toBe(0);
  expect(resources).toEqual([]);
  expect(files).toEqual([]);
  expect(stats.requests["SubscribeGroupMessages"], "the streams were really open").toBeGreaterThan(0);
}

test("a passing test leaves nothing", async () => {
  const remains = await runAndCount(`${imports} test("life", async ({ alice, bob }) => { ${busy} });`);
  expect(remains.run.errors).toEqual([]);
  expect(remains.run).toMatchObject({ exitCode: 0, passed: 1 });
  expectNothingLeft(remains);
});

test("a failing test leaves nothing, and the report says what failed", async () => {
  const remains = await runAndCount(
    `${imports} test("life", async ({ alice, bob }) => { ${busy} expect(bob.name, "the seeded failure").toBe("eve"); });`,
  );
  expect(remains.run).toMatchObject({ exitCode: 1, failed: 1 });
  expect(remains.run.errors.join("\n")).toContain("the seeded failure");
  expectNothingLeft(remains);
});

test("a test body that times out leaves nothing", async () => {
  const remains = await runAndCount(
    // The time ends when the streams are there, however long that has taken.
    `${imports} test("life", async ({ alice, bob }) => { ${busy} test.setTimeout(1); await new Promise(() => {}); });`,
  );
  expect(remains.run).toMatchObject({ exitCode: 1, failed: 1 });
  expect(remains.run.errors.join("\n")).toContain("Test timeout of 1ms exceeded");
  expectNothingLeft(remains);
});

test("a fixture whose setup times out after the workers leaves nothing", async () => {
  const spec = `${imports}
    const late = test.extend<{ stuck: void }>({
      stuck: [async ({ alice, bob }, use) => { ${busy} await new Promise(() => {}); await use(); }, { timeout: 4_000 }],
    });
    late("life", async ({ stuck }) => {});`;
  const remains = await runAndCount(spec);
  expect(remains.run).toMatchObject({ exitCode: 1, failed: 1 });
  expect(remains.run.errors.join("\n")).toContain('"stuck" timeout of 4000ms exceeded');
  expectNothingLeft(remains);
});

test("a skipped test leaves nothing", async () => {
  const remains = await runAndCount(
    `${imports} test("life", async ({ alice, bob }) => { ${busy} test.skip(true, "seen enough"); });`,
  );
  expect(remains.run).toMatchObject({ exitCode: 0, skipped: 1 });
  expectNothingLeft(remains);
});

test("SIGINT in the middle of a test leaves nothing", async () => {
  let runner = 0;
  const remains = await runAndCount(
    `${imports} test("life", async ({ alice, bob }) => { ${busy} console.log("%%streaming"); await new Promise(() => {}); });`,
    {
      onSpawn: (pid) => void (runner = pid),
      onOutput: (text) => text.includes("%%streaming") && process.kill(runner, "SIGINT"),
    },
  );
  expect(remains.run.exitCode).toBe(130);
  expectNothingLeft(remains);
});

test("an unawaited startStream that fails fails its own test, not the next", async () => {
  const spec = `${imports}
    test.use({ workerDefaults: { startTimeoutMs: 1_000 } });
    test("guilty", async ({ carol, network }) => {
      await network.stop();
      void carol.worker.startStream(typeofStream.Message);
      const failed = () => carol.worker.ownEvents.events.some((event) => event.kind === "stream" && event.state === "failed");
      await expect.poll(failed, { timeout: 20_000 }).toBe(true);
    });
    test("innocent", async ({ alice }) => { await alice.worker.startStream(typeofStream.Message); });`;
  // The SDK waits before it tries a start again, and nothing takes that back: the timer may outlive a start given up.
  const env = { XMTP_API_URL: "", PROBE_PATIENCE_MS: "15000" };
  const { run, resources, files } = await runAndCount(spec, { env });
  expect(run).toMatchObject({ exitCode: 1, failed: 1, passed: 1 });
  expect(run.errors.join("\n")).toContain("carol's start of the message stream failed in the background");
  expect(run.report?.suites[0]?.specs.find(({ ok }) => !ok)?.title).toBe("guilty");
  expect({ resources, files }).toEqual({ resources: [], files: [] });
});

test("a stream that is lost for good is named in the report", async () => {
  const spec = `${imports}
    test.use({ workerDefaults: { retryDelayMs: 10, retryAttempts: 1 } });
    test("life", async ({ bob, network }) => {
      await bob.worker.startStream(typeofStream.Message);
      await network.stop();
      const failed = () => bob.worker.ownEvents.events.some((event) => event.kind === "stream" && event.state === "failed");
      await expect.poll(failed, { timeout: 20_000 }).toBe(true);
    });`;
  const { run, resources, files } = await runAndCount(spec, { env: { XMTP_API_URL: "" } });
  expect(run).toMatchObject({ exitCode: 1, failed: 1 });
  expect(run.errors.join("\n")).toMatch(
    /bob's message stream failed in the background \(STREAM_FAILED: A stream gave up after 1 retries/,
  );
  expect({ resources, files }).toEqual({ resources: [], files: [] });
});

test("workers made by a script's getWorkers are ended with it", async () => {
  const spec = `${imports}
    test("life", async ({}) => {
      await using workers = await getWorkers(["alice", "bob"], "script");
      const [alice, bob] = workers.getAll();
      ${busy}
    });`;
  const remains = await runAndCount(spec);
  expect(remains.run.errors).toEqual([]);
  expectNothingLeft(remains);
});

test("a stream that is not ended fails its test: the node counts", async () => {
  const spec = `${imports}
    import { WorkerStream } from "#src/workers/streams/stream.js";
    import { ClientFacade } from "#src/workers/sdk/facade.js";
    test("life", async ({ alice, bob }) => {
      ${busy}
      // Both the worker's end of a stream and the client's, which would catch what the first one left.
      WorkerStream.prototype.end = async () => {};
      ClientFacade.prototype.close = async () => {};
    });
    test("next", async ({ alice }) => { await alice.worker.startStream(typeofStream.Message); });`;
  const { run } = await runAndCount(spec, { env: { XMTP_API_URL: "" } });
  expect(run).toMatchObject({ exitCode: 1, failed: 1, passed: 1 });
  expect(run.errors.join("\n")).toContain("At the end of the test: ");
});

test("the node counts each stream type's subscriptions down to 0 by endStream alone", async () => {
  const spec = `${imports}
    const count = async (network) => (await network.stats()).openSubscriptions;
    for (const type of [typeofStream.Message, typeofStream.MessageandResponse, typeofStream.GroupUpdated, typeofStream.Conversation]) {
      test(type, async ({ alice, network }) => {
        await alice.worker.startStream(type);
        expect(await count(network)).toBeGreaterThan(0);
        await alice.worker.endStream(type);
        await network.waitForSubscriptions(0, 5_000);
      });
      test(type + " without endStream", async ({ alice, network }) => {
        await alice.worker.startStream(type);
        await network.waitForSubscriptions(0, 500);
      });
    }`;
  const { run } = await runAndCount(spec, { env: { XMTP_API_URL: "" } });
  expect(run).toMatchObject({ exitCode: 1, passed: 4, failed: 4 });
  for (const error of run.errors) expect(error).toMatch(/subscriptions? (was|were) still open after 500 ms/);
});

for (const [what, body] of [
  ["in a creation under way", `await getWorkers(["alice", "bob"]);`],
  [
    "in a creation that another one fails beside",
    `await getWorkers({ bob: network.url, carol: "http://127.0.0.1:9" });`,
  ],
  [
    "before a creation",
    `await new Promise((resolve) => setTimeout(resolve, 2_500).unref()); await getWorkers(["alice"]);`,
  ],
] as const) {
  test(`a test that times out ${what} has one error, and the next goes on`, async () => {
    const spec = `${imports}
      test("slow", async ({ network, getWorkers }) => {
        await network.delayNext("GetInboxIds", { ms: 2_000, times: 10 });
        test.setTimeout(1_000);
        ${body}
      });
      test("next", async ({ alice }) => { await alice.worker.startStream(typeofStream.Message); });`;
    const { run, resources, files } = await runAndCount(spec, { env: { XMTP_API_URL: "" } });
    expect(run).toMatchObject({ exitCode: 1, failed: 1, passed: 1 });
    expect(run.errors.filter((error) => !error.includes("Test timeout of 1000ms exceeded"))).toEqual([]);
    expect(run.errors).toHaveLength(1);
    expect({ resources, files }).toEqual({ resources: [], files: [] });
  });
}

test("a timer that is left is found, with the line that set it", async () => {
  const { resources } = await runAndCount(
    `${imports} test("life", async ({}) => { setTimeout(() => {}, 60_000); setTimeout(() => {}, 60_000).unref(); });`,
  );
  expect(resources).toEqual([expect.stringMatching(/^Timeout at .*life\.spec\.ts/)]);
});
