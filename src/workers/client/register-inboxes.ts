import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SdkModule, SdkNetwork, WorkerSigner } from "../sdk/types.js";

/** Registrations under way at once; more only queue up inside the SDK. */
const width = 8;

/** Registers a wallet's inbox, or one more installation where it has one. Resolves with the inbox id. */
export type Register = (signer: WorkerSigner) => Promise<string>;

/**
 * Calls `work` for each of `todo`, several at once, with what registers inboxes by the real SDK. Their clients are
 * closed again, and their databases deleted. The first failure ends it; what is under way is waited for.
 */
export async function registerInboxes<T>(
  module: SdkModule,
  network: SdkNetwork,
  todo: readonly T[],
  work: (one: T, register: Register) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "playwright-xmtp-inboxes-"));
  let databases = 0;
  const register: Register = async (signer) => {
    const client = await module.create({
      signer,
      network,
      dbPath: join(folder, `${databases++}.db3`),
      dbEncryptionKey: randomBytes(32),
      disableDeviceSync: true,
      observer: { sendStarted: () => () => undefined, streamOpened: () => undefined },
    });
    const { inboxId } = client;
    await client.close();
    return inboxId;
  };
  const rest = todo.values();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const one of rest) {
      if (failed) return;
      await work(one, register).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  try {
    const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, todo.length) }, lane));
    for (const result of lanes) if (result.status === "rejected") throw result.reason;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
}
