import type { Client } from "@xmtp/node-sdk";
import { BackgroundFailures } from "./client/background-failures.js";
import { ClientHolder } from "./client/client-holder.js";
import type { HolderOptions } from "./client/client-holder.js";
import type { ConsentValue } from "../ledger/events.js";
import type { ConversationSnapshot } from "../ledger/snapshot.js";
import type { StepFunction } from "../steps.js";
import { WorkerClient } from "./worker-client.js";

export interface WorkerOptions extends HolderOptions {
  readonly step: StepFunction;
  addInstallation(of: Worker): Promise<Worker>;
}

/**
 * An XMTP client under test, with a name.
 *
 * `client` is the real `@xmtp/node-sdk` client; `worker` holds what this package adds: streams and syncs
 * on demand, collectors, the event ledger, and its end.
 */
export class Worker {
  /** For example "alice"; "alice-b" for a second installation. */
  readonly name: string;
  readonly worker: WorkerClient;
  readonly #holder: ClientHolder;
  readonly #options: WorkerOptions;

  /** @internal workers come from `getWorkers` or the fixtures */
  constructor(options: WorkerOptions) {
    this.#options = options;
    this.name = options.descriptor.name;
    this.#holder = new ClientHolder(options);
    this.worker = new WorkerClient({
      holder: this.#holder,
      failures: new BackgroundFailures(options.events, () => this.#holder.owner()),
      step: options.step,
      addInstallation: () => options.addInstallation(this),
    });
  }

  /** The real SDK client. @throws XmtpTestError `WORKER_OFFLINE`, `WORKER_TERMINATED` */
  get client(): Client {
    return this.#holder.sdk.client;
  }

  get inboxId(): string {
    return this.#holder.owner().inboxId;
  }

  /** Changes with `reinstall()`. */
  get installationId(): string {
    return this.#holder.owner().installationId;
  }

  /** Lower-case `0x` address of the worker's wallet. */
  get address(): string {
    return this.#options.signer.address;
  }

  /** Database file. Changes with `reinstall()`; removed when the worker ends. */
  get dbPath(): string {
    return this.#holder.dbPath;
  }

  /** For example "5.5.0". */
  get sdkVersion(): string {
    return this.#options.module.version;
  }

  /** `embedded`, `local`, `dev`, `production`, or the name given with a URL. */
  get env(): string {
    return this.#options.network.env;
  }

  /** The node (or proxy) this worker's client talks to. */
  get apiUrl(): string {
    return this.#options.network.url;
  }

  /** Makes the client. Called once, by whoever made this worker. @internal */
  async open(): Promise<void> {
    await this.#holder.open();
    const { events, module, network } = this.#options;
    const detail = `${module.specifier} ${module.version} on ${network.url}`;
    events.ledger.append({ kind: "lifecycle", ...this.#holder.owner(), state: "created", detail });
  }

  /**
   * Syncs a conversation and reads it as this installation's database has it: epoch, members, metadata,
   * messages, fork status.
   */
  async snapshot(conversationId: string): Promise<ConversationSnapshot> {
    const { sdk } = this.#holder;
    await sdk.syncConversations();
    const known = await sdk.listConversations();
    if (known.some(({ id }) => id === conversationId)) await sdk.syncConversation(conversationId);
    return { worker: this.name, ...(await sdk.snapshot(conversationId)) };
  }

  /** Sets this worker's consent for an inbox or a conversation. */
  async setConsent(entityType: "inbox" | "conversation", entity: string, state: ConsentValue): Promise<void> {
    await this.#holder.sdk.setConsent(entityType, entity, state);
  }

  /** All installations of this worker's inbox, from the network. */
  async fetchInstallations(): Promise<readonly { readonly id: string; readonly bytes: Uint8Array }[]> {
    return await this.#holder.sdk.fetchInstallations();
  }

  /** Revokes installations of this worker's inbox, by id. */
  async revokeInstallations(installationIds: readonly string[]): Promise<void> {
    await this.#holder.sdk.revokeInstallations(installationIds);
  }

  /** Creates a group with these members beside this worker; returns its id. @internal */
  async createGroup(inboxIds: readonly string[], name: string): Promise<string> {
    return await this.#holder.sdk.createGroup(inboxIds, { name });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate();
  }
}
