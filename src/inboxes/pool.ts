import { randomBytes } from "node:crypto";
import { XmtpTestError } from "../errors.js";
import { inboxIdOf } from "../network/identity/index.js";
import { registerSecret } from "../redaction.js";
import { signerOf } from "../workers/sdk/signer.js";
import type { SdkNetwork } from "../workers/sdk/types.js";
import type { Inbox } from "./inbox.js";
import { register } from "./register.js";

/** The nonce with which the SDK makes the first inbox of a wallet. */
const firstNonce = 1n;

/** libxmtp's limit per inbox. */
const mostInstallations = 10;

/**
 * Inboxes that are registered once and used again by every test of a process.
 *
 * An inbox's id follows from its key, so it is known at once; `registered` waits until the network knows it too.
 */
export class InboxPool {
  readonly #inboxes = new Map<number, Inbox[]>();
  readonly #done = new Map<string, Map<string, Promise<void>>>();

  /** Every inbox so far. */
  get all(): readonly Inbox[] {
    return [...this.#inboxes.values()].flat();
  }

  /**
   * The first `count` inboxes with that many installations; the same ones each time.
   *
   * @throws XmtpTestError `INVALID_COUNT`
   */
  reserve(count: number, installations = 1): Inbox[] {
    if (!Number.isInteger(count) || count < 0 || count > 10_000)
      throw new XmtpTestError("INVALID_COUNT", `${count} inboxes were asked for.`, "Ask for 0 to 10,000.");
    if (!Number.isInteger(installations) || installations < 1 || installations > mostInstallations) {
      throw new XmtpTestError(
        "INVALID_COUNT",
        `Inboxes with ${installations} installations were asked for.`,
        `Ask for 1 to ${mostInstallations}: libxmtp allows no more.`,
      );
    }
    const known = this.#inboxes.get(installations) ?? [];
    while (known.length < count) known.push(newInbox(installations));
    this.#inboxes.set(installations, known);
    return known.slice(0, count);
  }

  /** Waits until every inbox reserved so far is registered with `network`; each is registered once. */
  async registered(network: SdkNetwork): Promise<void> {
    const done = this.#done.get(network.url) ?? new Map<string, Promise<void>>();
    this.#done.set(network.url, done);
    const open = this.all.filter(({ inboxId }) => !done.has(inboxId));
    if (open.length > 0) {
      const work = register(network, open);
      for (const inbox of open) {
        const mine = work.then((ids) => ids.get(inbox.inboxId));
        // A failed registration is tried again by the next call.
        mine.catch(() => done.delete(inbox.inboxId));
        done.set(inbox.inboxId, mine);
      }
    }
    await Promise.all(done.values());
  }
}

function newInbox(installations: number): Inbox {
  const walletKey = `0x${newKey()}` as const;
  registerSecret(walletKey);
  const { address } = signerOf(walletKey);
  const inboxId = inboxIdOf({ kind: "ethereum", value: address }, firstNonce);
  const inbox = { inboxId, address, installations };
  return Object.defineProperty(inbox, "walletKey", { value: walletKey, enumerable: false }) as Inbox;
}

/** All but 1 in 2^128 draws are keys of the curve, and `signerOf` looks. */
function newKey(): string {
  return randomBytes(32).toString("hex");
}
