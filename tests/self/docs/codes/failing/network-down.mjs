// Each test fails with the code that is its title, on a node that is stopped.
import { expect, test, typeofStream } from "playwright-xmtp";

test("WORKER_CREATE", async ({ getWorkers, network }) => {
  await network.stop();
  await getWorkers(["alice"]);
});

test.describe("with little patience", () => {
  test.use({ workerDefaults: { startTimeoutMs: 300 } });

  test("STREAM_START", async ({ alice, network }) => {
    await network.stop();
    await alice.startStream(typeofStream.Message);
  });
});

test.describe("with few retries", () => {
  test.use({ workerDefaults: { retryDelayMs: 10, retryAttempts: 1 } });

  for (const code of ["BACKGROUND_FAILURE", "STREAM_FAILED"])
    test(code, async ({ bob, network }) => {
      await bob.startStream(typeofStream.Message);
      await network.stop();
      const failed = () => [...bob.events].some(({ kind, state }) => kind === "stream" && state === "failed");
      await expect.poll(failed, { timeout: 60_000 }).toBe(true);
    });
});

test("CLIENT_CREATE", async ({ network }) => {
  const { loadSdk, newSigner } = await import("#src/workers/sdk/index.js");
  const sdk = await loadSdk();
  await network.stop();
  await sdk.create({ signer: newSigner(), network, dbPath: null });
});
