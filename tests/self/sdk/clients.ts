import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test as base } from "@playwright/test";
import { startNode } from "#src/network/index.js";
import type { EmbeddedNode } from "#src/network/index.js";
import { loadSdk, newSigner } from "#src/workers/sdk/index.js";
import type {
  SdkClient,
  SdkCreateOptions,
  SdkMessage,
  SdkObserver,
  StreamHandlers,
} from "#src/workers/sdk/index.js";

export interface Observed {
  readonly sends: {
    readonly contentType: string;
    readonly hash: string;
    readonly automatic: boolean;
    result?: { messageId: string } | { error: unknown };
  }[];
  readonly streams: { end(): Promise<unknown> }[];
  readonly observer: SdkObserver;
}

/** An observer that keeps what it hears. */
export function observe(): Observed {
  const sends: Observed["sends"] = [];
  const streams: Observed["streams"] = [];
  const observer: SdkObserver = {
    sendStarted: ({ contentType, payload, automatic }) => {
      const send: Observed["sends"][number] = { contentType, hash: payload.hash, automatic };
      sends.push(send);
      return (result) => void (send.result = result);
    },
    streamOpened: (stream) => void streams.push(stream),
  };
  return { sends, streams, observer };
}

/** Handlers that keep what they hear; `heard` counts every call, also after an end. */
export function listen(): StreamHandlers<unknown> & {
  readonly values: SdkMessage[];
  readonly life: string[];
  readonly errors: Error[];
} {
  const values: SdkMessage[] = [];
  const life: string[] = [];
  const errors: Error[] = [];
  return {
    values,
    life,
    errors,
    onValue: (value) => void values.push(value as SdkMessage),
    onError: (error) => void errors.push(error),
    onFail: () => void life.push("fail"),
    onRetry: (attempt) => void life.push(`retry ${attempt}`),
    onRestart: () => void life.push("restart"),
  };
}

export const quick = { retryDelayMs: 50, retryAttempts: 40 };

interface Fixtures {
  readonly node: EmbeddedNode;
  /** Makes a client of the primary SDK on the node; closed after the test. */
  readonly client: (options?: Partial<SdkCreateOptions>) => Promise<SdkClient>;
}

export const test = base.extend<Fixtures>({
  node: async ({}, use) => {
    await using node = await startNode();
    await use(node);
  },
  client: async ({ node }, use, testInfo) => {
    const made: SdkClient[] = [];
    mkdirSync(testInfo.outputDir, { recursive: true });
    await use(async (options = {}) => {
      const sdk = await loadSdk();
      const client = await sdk.create({
        signer: newSigner(),
        network: { env: "embedded", url: node.url, historyUrl: node.historyUrl },
        dbPath: join(testInfo.outputDir, `${made.length}.db3`),
        dbEncryptionKey: randomBytes(32),
        disableDeviceSync: true,
        observer: observe().observer,
        ...options,
      });
      made.push(client);
      return client;
    });
    for (const client of made) await client.close();
  },
});

export { expect } from "@playwright/test";
