import { existsSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import fc from "fast-check";
import { expect, getWorkers as getWorkersOutside, test, typeofStream } from "playwright-xmtp";
import type { Worker } from "playwright-xmtp";
import { play, same, steps } from "../unit/workers/worker-model.js";
import type { Channel, Step, World } from "../unit/workers/worker-model.js";

/** The same model as `tests/self/unit/workers`, over the real SDK and the embedded node. */
test.describe.configure({ mode: "default", timeout: 600_000 });
// Long enough for an answer on a busy machine; a start at a node that is down takes this long to fail.
test.use({ workerDefaults: { retryDelayMs: 50, startTimeoutMs: 3_000 } });

const runs = Number(process.env["XMTP_MODEL_RUNS"] ?? 4);

/** What the node counts for a stream: messages bring the welcomes along, consent is told inside of the client. */
const subscriptionsOf: Readonly<Record<Channel, number>> = { messages: 2, conversations: 1, consent: 0 };

/**
 * An inbox may have 10 installations; a real stream gives up only when it has no retries left, see below; in a test
 * each verb but `terminate` begins as a step, a few turns later than it was called.
 */
const fitsReality = (script: readonly Step[]): boolean =>
  script.every((one) => !("giveUp" in one)) &&
  script.every((one) => !("atOnce" in one) || one.atOnce.findIndex((each) => each.do === "terminate") < 1) &&
  script.flatMap((one) => ("atOnce" in one ? one.atOnce : [])).filter((one) => one.do === "reinstall")
    .length < 8;

test("a real worker does what the model of its life says", async ({ network, getWorkers }) => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(steps(8).filter(fitsReality), async (script) => {
      const [worker] = (await getWorkers([`alice${made++}`])).getAll();
      const world: World = {
        worker,
        setUp: (up) => (up ? network.start() : network.stop()),
        giveUp: () => Promise.reject(new Error("not drawn here")),
        check: async ({ channels, state }) => {
          if (!network.stopped) {
            const expected = [...channels].reduce((sum, channel) => sum + subscriptionsOf[channel], 0);
            await expect
              .poll(async () => (await network.stats()).openSubscriptions, { timeout: 10_000 })
              .toBe(expected);
          }
          if (state === "open" || state === "offline")
            same("the database is there", existsSync(worker.dbPath), true);
          if (state === "ended") same("the database is there", existsSync(worker.dbPath), false);
        },
      };
      try {
        await play(world, script);
      } finally {
        if (network.stopped) await network.start();
        await worker.terminate();
        worker.takeFailures();
      }
      await network.waitForSubscriptions(0, 10_000);
      same("the database is there", existsSync(worker.dbPath), false);
    }),
    {
      numRuns: runs,
      ...(process.env["XMTP_MODEL_SEED"] !== undefined && { seed: Number(process.env["XMTP_MODEL_SEED"]) }),
    },
  );
});

test.describe("few retries", () => {
  test.use({ workerDefaults: { retryDelayMs: 20, retryAttempts: 2 } });

  test("a stream that gave up is not active, and starts again", async ({ alice, bob, network }) => {
    await bob.startStream(typeofStream.Message);
    const dm = await alice.createDm(bob);
    await network.failNext("SubscribeGroupMessages", { code: 14, times: 1_000 });
    await network.failNext("SubscribeWelcomeMessages", { code: 14, times: 1_000 });
    await network.endStreams(14);
    await expect(bob).toHaveNoActiveStreams({ timeout: 30_000 });
    await network.clearFaults();
    await expectFailure(bob);

    await bob.startStream(typeofStream.Message);
    await alice.send(dm, "after it gave up");
    await expect(bob).toHaveReceivedExactlyOnce("after it gave up");
  });
});

test("answers that are owed are given after goOffline and goOnline", async ({ alice, bob, network }) => {
  await bob.startStream(typeofStream.MessageandResponse);
  const dm = await alice.createDm(bob);
  const count = 12;
  for (let at = 0; at < count; at++) await alice.send(dm, `question ${at}`);
  await bob.collectMessages(dm, 1);
  await bob.goOffline();
  await network.waitForSubscriptions(0, 10_000);
  await bob.goOnline();
  await expect
    .poll(() => bob.events.sends().filter(({ automatic, outcome }) => automatic && outcome === "ok").length, {
      timeout: 30_000,
    })
    .toBe(count);
});

test("a pinned worker's further installation is at its node too", async ({ getWorkers, network }) => {
  const { startNode } = await import("playwright-xmtp/network");
  const other = await startNode();
  try {
    await using pinned = await getWorkers({ alice: other.url });
    const second = await pinned.alice.addNewInstallation();
    expect(second.apiUrl).toBe(other.url);
    expect(other.url).not.toBe(network.url);
    expect(await pinned.alice.fetchInstallations()).toHaveLength(2);
    await second.terminate();
  } finally {
    await other.close();
  }
});

test("workers that were still being made when another failed are closed too", async ({ network }) => {
  await network.delayNext("GetInboxIds", { ms: 1_500, times: 2 });
  const failing = getWorkersOutside({ alice: network.url, bob: "http://127.0.0.1:9" }, "one fails");
  await expect(failing).rejects.toMatchObject({ code: "WORKER_CREATE" });
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  expect(links.filter((path) => path.includes("/alice/"))).toEqual([]);
});

test("terminated while it is reinstalled, it stays terminated", async ({ alice }) => {
  const before = alice.dbPath;
  await Promise.allSettled([alice.reinstall(), alice.terminate()]);
  expect(() => alice.client).toThrow(/alice has been terminated/);
  expect([before, alice.dbPath].filter((path) => existsSync(path))).toEqual([]);
});

test("reopened, a worker goes on with its database and its streams", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);
  const dm = await alice.createDm(bob);
  await alice.send(dm, "before");
  await expect(bob).toHaveReceived("before");
  const { installationId, dbPath } = bob;
  expect((await bob.fileSizes()).total).toBeGreaterThan(0);
  const reopening = bob.reopen();
  await alice.send(dm, "meanwhile");
  await reopening;
  await alice.send(dm, "after");
  await expect(bob).toHaveReceivedExactlyOnce("meanwhile");
  await expect(bob).toHaveReceivedExactlyOnce("after");
  expect([bob.installationId, bob.dbPath]).toEqual([installationId, dbPath]);
  expect(await bob.fetchInstallations()).toHaveLength(1);
  await expect(bob.reopen({ sdkVersion: "1.0.0" })).rejects.toMatchObject({ code: "SDK_VERSION" });
  expect((await bob.messages(dm)).map(({ payload }) => payload.text)).toEqual(
    expect.arrayContaining(["before", "after"]),
  );
});

async function expectFailure(worker: Worker): Promise<void> {
  await expect(worker.endStream()).rejects.toMatchObject({ code: "BACKGROUND_FAILURE" });
}
