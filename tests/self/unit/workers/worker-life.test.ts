import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { typeofStream, typeOfSync } from "#src/ledger/events.js";
import { FakeSdk, fakeWorker } from "./fake-sdk.js";
import { play, steps } from "./worker-model.js";
import type { Step } from "./worker-model.js";

const { Message, GroupUpdated } = typeofStream;

async function inFakeWorld(seed: number, script: readonly Step[]): Promise<void> {
  const sdk = new FakeSdk(seed);
  const folder = await mkdtemp(join(tmpdir(), "worker-model-"));
  const worker = fakeWorker(sdk, folder);
  try {
    await worker.open();
    await play(
      {
        worker,
        setUp: async (up) => {
          sdk.up = up;
          await Promise.resolve();
        },
        giveUp: async (channel) => {
          sdk.giveUp(channel);
          await Promise.resolve();
        },
        check: async ({ channels, state }) => {
          sdk.check(channels, state, folder);
          await Promise.resolve();
        },
      },
      script,
    );
    await worker.terminate();
    sdk.check(new Set(), "ended", folder);
  } finally {
    await worker.terminate();
    await rm(folder, { recursive: true, force: true });
  }
}

it("a worker does what its model says, whatever is called, in any order and at once", async () => {
  const runs = Number(process.env["XMTP_MODEL_RUNS"] ?? 300);
  await fc.assert(fc.asyncProperty(fc.nat(), steps(12), inFakeWorld), { numRuns: runs });
}, 60_000_000);

const named: readonly (readonly [string, readonly Step[]])[] = [
  [
    "a stream that gave up starts again",
    [
      { atOnce: [{ do: "start", type: Message }] },
      { giveUp: "messages" },
      { atOnce: [{ do: "start", type: Message }] },
    ],
  ],
  [
    "going offline twice keeps what was paused",
    [
      { atOnce: [{ do: "start", type: Message }] },
      { atOnce: [{ do: "goOffline" }, { do: "goOffline" }] },
      { atOnce: [{ do: "goOnline" }] },
    ],
  ],
  [
    "a goOnline that failed can be tried again",
    [
      { atOnce: [{ do: "start", type: Message }, { do: "goOffline" }] },
      { up: false },
      { atOnce: [{ do: "goOnline" }] },
      { up: true },
      { atOnce: [{ do: "goOnline" }] },
    ],
  ],
  [
    "reinstalled while offline, nothing old comes back",
    [
      {
        atOnce: [
          { do: "start", type: Message },
          { do: "goOffline" },
          { do: "reinstall" },
          { do: "goOnline" },
        ],
      },
    ],
  ],
  ["ended while it is reinstalled", [{ atOnce: [{ do: "reinstall" }, { do: "terminate" }] }]],
  [
    "started twice at once at a node that is down",
    [
      { up: false },
      {
        atOnce: [
          { do: "start", type: Message },
          { do: "start", type: Message },
          { do: "start", type: GroupUpdated },
        ],
      },
    ],
  ],
  [
    "synced twice at once at a node that is down",
    [
      { up: false },
      {
        atOnce: [
          { do: "startSync", sync: typeOfSync.Sync },
          { do: "startSync", sync: typeOfSync.Sync },
        ],
      },
    ],
  ],
  [
    "a stream ended while offline stays ended",
    [
      {
        atOnce: [
          { do: "start", type: Message },
          { do: "goOffline" },
          { do: "end", type: Message },
          { do: "goOnline" },
        ],
      },
    ],
  ],
];
it.each(named)("%s", async (_what, script) => {
  for (let seed = 0; seed < 20; seed++) await inFakeWorld(seed, script);
});

it("the comparison finds a stream that nobody ended", async () => {
  const sdk = new FakeSdk(1);
  const client = await sdk.module.create({
    dbPath: join(tmpdir(), "worker-model-none"),
    network: {},
  } as never);
  await client.streamConsent({} as never, {} as never);
  expect(() => sdk.check(new Set(), "open", "")).toThrow('live SDK streams: ["consent"], expected []');
  await rm(join(tmpdir(), "worker-model-none"), { force: true });
});
