import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { XmtpTestError } from "#src/errors.js";
import { TestLedger } from "#src/ledger/ledger.js";
import type { LedgerPort } from "#src/ledger/port.js";
import { WorkerLedger } from "#src/ledger/worker-ledger.js";
import { SeededRandom } from "#src/random.js";
import type {
  SdkClient,
  SdkCreateOptions,
  SdkModule,
  SdkStream,
  StreamHandlers,
} from "#src/workers/sdk/index.js";
import { withoutSteps } from "#src/steps.js";
import { parseDescriptor } from "#src/workers/registry/names.js";
import { resolveDefaults } from "#src/workers/registry/worker-defaults.js";
import { Worker } from "#src/workers/worker.js";
import { same } from "./worker-model.js";
import type { Channel } from "./worker-model.js";

interface Live {
  readonly channel: Channel;
  readonly handlers: StreamHandlers<never>;
}

interface FakeClient {
  released: boolean;
  readonly live: Set<Live>;
  readonly dbPath: string;
  /** Where it is connected. */
  readonly url: string;
}

/** A node and an SDK without either: what is open is counted, and every answer takes a few turns of the event loop. */
export class FakeSdk {
  up = true;
  readonly clients = new Set<FakeClient>();
  readonly sent: string[] = [];
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed, "turns");
  }

  get module(): SdkModule {
    return {
      specifier: "fake",
      version: "5.5.0",
      bindingsVersion: "0",
      exports: {},
      create: (options) => this.#create(options),
    };
  }

  get live(): Live[] {
    return [...this.clients].flatMap((client) => [...client.live]);
  }

  giveUp(channel: Channel): void {
    const found = this.live.find((one) => one.channel === channel);
    if (!found) throw new Error(`no live stream of ${channel}`);
    found.handlers.onFail();
    found.handlers.onError(new XmtpTestError("STREAM_FAILED", "gave up", ""));
  }

  async #turns(): Promise<void> {
    for (let left = this.#random.int(0, 4); left > 0; left--) await setImmediate();
    if (!this.up) throw new Error("the node is down");
  }

  async #create({ dbPath, network }: SdkCreateOptions): Promise<SdkClient> {
    await this.#turns();
    await writeFile(dbPath, "");
    const client = { released: false, live: new Set<Live>(), dbPath, url: network.url };
    this.clients.add(client);
    const open =
      (channel: Channel) =>
      async (handlers: StreamHandlers<never>): Promise<SdkStream> => {
        await this.#turns();
        const live = { channel, handlers };
        client.live.add(live);
        const end = async (): Promise<void> => {
          await setImmediate();
          client.live.delete(live);
        };
        return { end };
      };
    const fake = {
      client: {},
      inboxId: "inbox",
      installationId: dbPath,
      streamMessages: open("messages"),
      streamConversations: open("conversations"),
      streamConsent: open("consent"),
      syncConversations: () => this.#turns(),
      syncAll: () => this.#turns(),
      fetchMissed: () => Promise.resolve(),
      sendText: async (_id: string, text: string) => {
        await this.#turns();
        this.sent.push(text);
        return `sent ${this.sent.length}`;
      },
      listConversations: () => Promise.resolve([]),
      listMessages: () => Promise.resolve([]),
      releaseDb: async () => {
        await setImmediate();
        client.released = true;
      },
      reconnectDb: async () => {
        await setImmediate();
        client.released = false;
      },
      close: async () => {
        await setImmediate();
        this.clients.delete(client);
      },
    };
    return fake as unknown as SdkClient;
  }

  /** Whether exactly this is open. */
  check(channels: ReadonlySet<Channel>, state: string, folder: string): void {
    same("live SDK streams", this.live.map((one) => one.channel).sort(), [...channels].sort());
    const open = state === "open" || state === "offline" ? [state === "offline"] : [];
    same(
      "SDK clients, and whether their database is released",
      [...this.clients].map((one) => one.released),
      open,
    );
    if (state === "ended") same("the folder is there", existsSync(folder), false);
  }
}

/** The real worker over it. */
export function fakeWorker(sdk: FakeSdk, folder: string, port: LedgerPort = new TestLedger()): Worker {
  return new Worker({
    descriptor: parseDescriptor("alice"),
    network: { env: "embedded", url: "http://127.0.0.1:1", historyUrl: null },
    module: sdk.module,
    signer: { address: "0x0", sign: () => Promise.resolve(new Uint8Array()) },
    defaults: resolveDefaults({}),
    events: new WorkerLedger(port, "alice"),
    folder,
    step: withoutSteps,
    addInstallation: (one) => Promise.resolve(one),
    loadSdk: () => Promise.resolve(sdk.module),
    calls: () => Promise.resolve(undefined),
  });
}
