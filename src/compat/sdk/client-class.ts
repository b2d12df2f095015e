import type { Client as SdkClient } from "@xmtp/node-sdk";
import { scope } from "../scope.js";
import type { CompatClient, Identifier } from "./types.js";
import { wrapClient } from "./wrap.js";

/** A wallet that signs. */
export interface Signer {
  /** A plain wallet, which signs itself: `createSigner` makes no other. */
  readonly type: "EOA";
  /** The wallet's address, as the SDK wants it. */
  getIdentifier(): Identifier;
  /** A signature of the text by EIP-191, 65 bytes. */
  signMessage(message: string): Promise<Uint8Array>;
}

/** Options that say where a client connects; the describe's network takes their place. */
const placeNames = ["env", "apiUrl", "historySyncUrl", "gatewayHost", "backend"] as const;

type Options = Record<string, unknown>;

/** Where the describe's own clients connect: what one of them was made with. */
async function place(): Promise<Options> {
  const running = scope("Client");
  const [worker] = (await running.getWorkers(["compatplace"])).getAll();
  running.people.inboxIds.add(worker?.inboxId ?? "");
  const options = (worker?.client.options ?? {}) as Options;
  return Object.fromEntries(
    placeNames.filter((name) => name in options).map((name) => [name, options[name]]),
  );
}

async function sdk(): Promise<typeof SdkClient> {
  return (await import("@xmtp/node-sdk")).Client;
}

/** 6.x takes a backend where earlier versions take a network's name. */
async function where(): Promise<unknown> {
  const { backend, env } = await place();
  return backend ?? env;
}

type Static = (...args: unknown[]) => Promise<unknown>;

/**
 * The SDK's static calls and `create`, on the describe's network whatever network they name: a suite's own is a public
 * one, or one on a port of this machine.
 */
export const Client = {
  /**
   * A client of the test's own, on the describe's network: options that name a network are left out.
   *
   * @throws XmtpTestError `COMPAT_OUTSIDE`
   */
  async create(signer: Signer, options: object = {}): Promise<CompatClient> {
    const running = scope("Client.create");
    const Real = await sdk();
    const kept = Object.fromEntries(
      Object.entries(options).filter(([name]) => !(placeNames as readonly string[]).includes(name)),
    );
    const client = await (Real.create as unknown as Static)(signer, { ...kept, ...(await place()) });
    const made = client as SdkClient;
    running.people.inboxIds.add(made.inboxId).add(signer.getIdentifier().identifier.toLowerCase());
    return wrapClient(made) as unknown as CompatClient;
  },

  /**
   * By identifier, whether it has an inbox on the describe's network. The network's name is ignored.
   *
   * @throws XmtpTestError `COMPAT_OUTSIDE`
   */
  async canMessage(identifiers: readonly Identifier[], _env?: unknown): Promise<Map<string, boolean>> {
    await scope("Client.canMessage").poolReady();
    const Real = await sdk();
    const found = await (Real.canMessage as unknown as Static)(identifiers, await where());
    return found as Map<string, boolean>;
  },

  /**
   * States of inboxes on the describe's network. The network's name is ignored.
   *
   * @throws XmtpTestError `COMPAT_OUTSIDE`
   */
  async inboxStateFromInboxIds(inboxIds: readonly string[], _env?: unknown): Promise<readonly unknown[]> {
    await scope("Client.inboxStateFromInboxIds").poolReady();
    const Real = (await sdk()) as unknown as Record<string, Static>;
    const call = Real["fetchInboxStates"] ?? Real["inboxStateFromInboxIds"];
    return ((await call?.call(Real, inboxIds, await where())) ?? []) as readonly unknown[];
  },

  /**
   * The same, by the name of 5.x.
   *
   * @throws XmtpTestError `COMPAT_OUTSIDE`
   */
  async fetchInboxStates(inboxIds: readonly string[], env?: unknown): Promise<readonly unknown[]> {
    return await Client.inboxStateFromInboxIds(inboxIds, env);
  },

  /**
   * Revokes installations of an inbox on the describe's network. The network's name is ignored.
   *
   * @throws XmtpTestError `COMPAT_OUTSIDE`
   */
  async revokeInstallations(
    signer: Signer,
    inboxId: string,
    installationIds: readonly Uint8Array[],
    _env?: unknown,
  ): Promise<void> {
    const Real = await sdk();
    await (Real.revokeInstallations as unknown as Static)(signer, inboxId, installationIds, await where());
  },
};
/** A client with the names of all SDK generations. */
export type Client = CompatClient;
