import { XmtpTestError } from "../errors.js";
import { loadSdk } from "../workers/client/lazy-sdk.js";
import { registerInboxes } from "../workers/client/register-inboxes.js";
import { signerOf } from "../workers/sdk/signer.js";
import type { SdkNetwork } from "../workers/sdk/types.js";
import type { Inbox } from "./inbox.js";

/** Registers inboxes with a network, each with its installations; the clients are closed again. */
export async function register(
  network: SdkNetwork,
  inboxes: readonly Inbox[],
): Promise<ReadonlyMap<string, void>> {
  const module = await loadSdk();
  const done = new Map<string, void>();
  await registerInboxes(module, network, inboxes, async (inbox, install) => {
    for (let copy = 0; copy < inbox.installations; copy++) {
      const inboxId = await install(signerOf(inbox.walletKey));
      if (inboxId === inbox.inboxId) continue;
      throw new XmtpTestError(
        "SDK_UNSUPPORTED",
        `node-sdk ${module.version} gave the wallet ${inbox.address} the inbox ${inboxId}, not ${inbox.inboxId}.`,
        "Report this version.",
      );
    }
    done.set(inbox.inboxId);
  });
  return done;
}
