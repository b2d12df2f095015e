import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { typeofStream } from "#src/ledger/events.js";
import { TestLedger } from "#src/ledger/ledger.js";
import { LedgerSwitch } from "#src/ledger/port.js";
import type { LedgerPort } from "#src/ledger/port.js";
import { withoutSteps } from "#src/steps.js";
import { resolveDefaults } from "#src/workers/registry/worker-defaults.js";
import { WorkerRegistry } from "#src/workers/registry/worker-registry.js";
import { FakeSdk } from "./fake-sdk.js";
import { playRegistries, registrySteps } from "./registry-model.js";
import type { RegistryStep, RegistryWorld } from "./registry-model.js";
import { same } from "./worker-model.js";

const pinnedUrl = "http://127.0.0.1:2";
const channelOf = { message: "messages", conversation: "conversations", consent: "consent" } as const;

async function inFakeWorld(seed: number, script: readonly RegistryStep[]): Promise<void> {
  const sdk = new FakeSdk(seed);
  const root = await mkdtemp(join(tmpdir(), "registry-model-"));
  const ended: string[] = [];
  const ledgers = new LedgerSwitch(new TestLedger());
  let tests = 0;
  /** Each worker has a way of its own, and none is given twice, as with chaos. */
  const make = (name: string, ledger: LedgerPort): WorkerRegistry => {
    const ways = new Set<string>();
    return new WorkerRegistry({
      ledger,
      network: { env: "embedded", url: "http://127.0.0.1:1", historyUrl: null },
      defaults: resolveDefaults({}),
      folder: join(root, name),
      step: withoutSteps,
      loadSdk: () => Promise.resolve(sdk.module),
      route: (worker, network) => {
        if (ways.has(worker)) return Promise.reject(new Error(`CLIENT_PORT: ${worker} has a way already`));
        ways.add(worker);
        return Promise.resolve({ ...network, url: `${network.url}/${name}/${worker}` });
      },
      release: (worker) => {
        ways.delete(worker);
        return Promise.resolve();
      },
    });
  };
  const world: RegistryWorld = {
    registries: { process: make("process", ledgers), test: make("test0", ledgers.current) },
    nextTest: () => {
      ended.push(`test${tests}`);
      ledgers.switchTo(new TestLedger());
      world.registries.test = make(`test${++tests}`, ledgers.current);
    },
    setUp: (up) => {
      sdk.up = up;
      return Promise.resolve();
    },
    check: (expected) => {
      const found = [...sdk.clients].map(({ url, dbPath, live }) => ({
        url,
        there: existsSync(dbPath),
        streams: [...live].map(({ channel }) => channel).sort(),
      }));
      const should = expected.map(({ scope, worker, url = "http://127.0.0.1:1", streams }) => ({
        url: `${url}/${scope === "test" ? `test${tests}` : scope}/${worker.name}`,
        there: true,
        streams: [...streams].map((one) => channelOf[one]).sort(),
      }));
      const byUrl = (a: { url: string }, b: { url: string }): number => (a.url < b.url ? -1 : 1);
      same("clients at the node, their files and streams", found.sort(byUrl), should.sort(byUrl));
      same(
        "folders of tests that are over",
        ended.filter((name) => existsSync(join(root, name))),
        [],
      );
      return Promise.resolve();
    },
  };
  try {
    await playRegistries(world, script, pinnedUrl);
    await Promise.all([world.registries.test.terminateAll(), world.registries.process.terminateAll()]);
    same("clients at the end", sdk.clients.size, 0);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

it("registries do what their model says, whatever is asked of them, in any order and at once", async () => {
  const runs = Number(process.env["XMTP_MODEL_RUNS"] ?? 200);
  await fc.assert(fc.asyncProperty(fc.nat(), registrySteps(10), inFakeWorld), { numRuns: runs });
}, 60_000_000);

const alice = { name: "alice", pinned: false };
const get = { do: "get", scope: "test", asked: [alice] } as const;
const named: readonly (readonly [string, readonly RegistryStep[]])[] = [
  [
    "a worker that could not be made is made when it is asked for again",
    [{ up: false }, { atOnce: [get] }, { up: true }, { atOnce: [get] }],
  ],
  [
    "what is asked for while its name is disposed of is made anew",
    [{ atOnce: [get] }, { atOnce: [{ do: "dispose", scope: "test", at: 0 }, get] }],
  ],
  [
    "an installation added to a pinned worker is at its node",
    [
      { atOnce: [{ ...get, asked: [{ name: "alice", pinned: true }] }] },
      {
        atOnce: [
          { do: "add", scope: "test", at: 0 },
          { do: "add", scope: "test", at: 0 },
        ],
      },
    ],
  ],
  [
    "a worker of the process lives on in the next test, with its streams",
    [
      { atOnce: [{ do: "get", scope: "process", asked: [{ name: "host", pinned: false }] }] },
      { atOnce: [{ do: "start", scope: "process", at: 0, type: typeofStream.Message }] },
      { nextTest: true },
    ],
  ],
];
it.each(named)("%s", async (_what, script) => {
  for (let seed = 0; seed < 20; seed++) await inFakeWorld(seed, script);
});

it("a test whose time is over while workers are made, at any turn", async () => {
  const asked = [alice, { name: "alice-m", pinned: true }, { name: "bob", pinned: false }];
  for (let turns = 0; turns < 60; turns++) await inFakeWorld(turns, [{ during: [{ ...get, asked }], turns }]);
});

it("the comparison finds a client that nobody closed", async () => {
  const sdk = new FakeSdk(1);
  const root = await mkdtemp(join(tmpdir(), "registry-model-"));
  await mkdir(root, { recursive: true });
  await sdk.module.create({ dbPath: join(root, "a.db3"), network: { url: "u" } } as never);
  expect(() =>
    same(
      "clients",
      [...sdk.clients].map(({ url }) => url),
      [],
    ),
  ).toThrow('clients: ["u"], expected []');
  await rm(root, { recursive: true, force: true });
});
