import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XmtpTestError } from "../errors.js";
import { loadSdk } from "../workers/client/lazy-sdk.js";
import { signerOf } from "../workers/sdk/signer.js";
import type { SdkModule, SdkNetwork } from "../workers/sdk/types.js";
import type { Inbox } from "./inbox.js";

/** Registrations under way at once; more only queue up inside the SDK. */
const width = 4;

/** Registers inboxes with a network, each with its installations; the clients are closed again. */
export async function register(
  network: SdkNetwork,
  inboxes: readonly Inbox[],
): Promise<ReadonlyMap<string, void>> {
  const module = await loadSdk();
  const folder = await mkdtemp(join(tmpdir(), "playwright-xmtp-inboxes-"));
  const todo = [...inboxes];
  const done = new Map<string, void>();
  const lane = async (): Promise<void> => {
    for (let inbox = todo.pop(); inbox; inbox = todo.pop()) {
      for (let copy = 0; copy < inbox.installations; copy++)
        await install(module, network, inbox, join(folder, `${inbox.address}-${copy}.db3`));
      done.set(inbox.inboxId);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(width, todo.length) }, lane));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
  return done;
}

async function install(module: SdkModule, network: SdkNetwork, inbox: Inbox, dbPath: string): Promise<void> {
  const client = await module.create({
    signer: signerOf(inbox.walletKey),
    network,
    dbPath,
    dbEncryptionKey: randomBytes(32),
    disableDeviceSync: true,
    observer: { sendStarted: () => () => undefined, streamOpened: () => undefined },
  });
  const { inboxId } = client;
  await client.close();
  if (inboxId === inbox.inboxId) return;
  throw new XmtpTestError(
    "SDK_UNSUPPORTED",
    `node-sdk ${module.version} gave the wallet ${inbox.address} the inbox ${inboxId}, not ${inbox.inboxId}.`,
    "Report this version.",
  );
}
