import { writeFile } from "node:fs/promises";
import { startNode } from "../network/index.js";
import { loadSdk, newSigner } from "../workers/sdk/index.js";
import { registerInboxes } from "../workers/client/register-inboxes.js";
import type { SdkNetwork } from "../workers/sdk/index.js";
import { checkFolderOf } from "./folder.js";
import { readOptions } from "./options.js";

/** One registered inbox, as the list beside the snapshot has it. Its key is not kept. */
export interface PopulatedInbox {
  readonly inboxId: string;
  readonly address: string;
}

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
  const inboxes: PopulatedInbox[] = [];
  const signers = Array.from({ length: count }, newSigner);
  await registerInboxes(await loadSdk(), network, signers, async (signer, register) => {
    inboxes.push({ inboxId: await register(signer), address: signer.address });
    progress(inboxes.length);
  });
  return inboxes;
}
