import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { startNode } from "../network/index.js";
import { loadSdk, newSigner } from "../workers/sdk/index.js";
import type { SdkModule, SdkNetwork } from "../workers/sdk/index.js";
import { checkFolderOf } from "./folder.js";
import { readOptions } from "./options.js";

/** One registered inbox, as the list beside the snapshot has it. Its key is not kept. */
export interface PopulatedInbox {
  readonly inboxId: string;
  readonly address: string;
}

/** Registrations under way at once; more only queue up inside the SDK. */
const width = 8;

/**
 * `playwright-xmtp populate`: registers inboxes once, and keeps the network as a snapshot beside the list
 * of their ids. Large-group tests restore it instead of registering hundreds of members each time.
 *
 * Key packages live 84 days (libxmtp), so a snapshot older than that is of no use.
 */
export async function populateCommand(args: string[]): Promise<void> {
  const options = await readOptions("populate", args, {
    inboxes: { default: 400, help: "how many inboxes to register", least: 1 },
    file: { default: "xmtp-network.snapshot", help: "snapshot file; the ids go to <file>.json" },
  });
  if (!options) return;
  await checkFolderOf("file", options.file);
  await using node = await startNode();
  const inboxes = await populate(node, options.inboxes, (done) => {
    if (done % 50 === 0 || done === options.inboxes) console.log(`${done} of ${options.inboxes} inboxes`);
  });
  await node.snapshot(options.file);
  await writeFile(`${options.file}.json`, `${JSON.stringify(inboxes, undefined, 1)}\n`);
  console.log(`Wrote ${options.file} and ${options.file}.json.`);
}

/** Registers `count` inboxes with a network; their clients are closed again. */
export async function populate(
  network: SdkNetwork,
  count: number,
  progress: (done: number) => void,
): Promise<PopulatedInbox[]> {
  const module = await loadSdk();
  const folder = await mkdtemp(join(tmpdir(), "playwright-xmtp-populate-"));
  const inboxes: PopulatedInbox[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      inboxes[at] = await register(module, network, join(folder, `${at}.db3`));
      progress(inboxes.filter(Boolean).length);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return inboxes;
}

async function register(module: SdkModule, network: SdkNetwork, dbPath: string): Promise<PopulatedInbox> {
  const signer = newSigner();
  const client = await module.create({
    signer,
    network,
    dbPath,
    dbEncryptionKey: randomBytes(32),
    disableDeviceSync: true,
    observer: { sendStarted: () => () => undefined, streamOpened: () => undefined },
  });
  const { inboxId } = client;
  await client.close();
  return { inboxId, address: signer.address };
}
