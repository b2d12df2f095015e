import type { typeofStream, typeOfSync, Worker as Native } from "../../../fixtures/index.js";
import type { ConsentEvent, ConversationEvent, LedgerEvent, ReceiveEvent } from "../../../fixtures/index.js";
import { XmtpTestError } from "../../errors.js";
import { scopeIfAny } from "../scope.js";
import { wrapClient } from "../sdk/wrap.js";
import type { CompatClient, CompatConversation, CompatDm, CompatGroup, Identifier } from "../sdk/types.js";
import { gather, streamTimeout, toMessage, toUpdate } from "./events.js";
import type { CollectedMessage, CollectedUpdate } from "./events.js";

/** The worker whose verbs these are. */
interface Owner {
  readonly name: string;
  readonly folder: string;
  readonly native: Native;
  readonly client: CompatClient;
  readonly inboxId: string;
  readonly installationId: string;
  readonly address: string;
  readonly dbPath: string;
}

/** How many installations an inbox may have before the older ones are revoked. */
export const installationThreshold = 5;

/** Sizes of a client's database files, bytes. */
export interface FileSizes {
  /** The database itself. */
  readonly dbFile: number;
  /** The write-ahead log. */
  readonly walFile: number;
  /** The log's index, which SQLite shares. */
  readonly shmFile: number;
  /** Of the three together. */
  readonly total: number;
  /** How many conversations it holds. */
  readonly conversations: number;
}

/**
 * The verbs of such a suite's worker, over this package's own. Collectors give what came in time and never throw;
 * `native` on the worker has the ones that do.
 */
export class WorkerClient {
  readonly #worker: Owner;
  #newest: Native | undefined;
  #away = false;
  #wiped = false;

  /** `getWorkers` makes it. */
  constructor(worker: Owner) {
    this.#worker = worker;
  }

  /** The base name, without the installation. */
  get name(): string {
    return this.#worker.name;
  }

  /** The newest installation's client: after `addNewInstallation`, the added one's. */
  get client(): CompatClient {
    const newest = this.#newest;
    return newest ? (wrapClient(newest.client) as unknown as CompatClient) : this.#worker.client;
  }

  /** The same for all installations. */
  get inboxId(): string {
    return this.#worker.inboxId;
  }

  /** The newest installation's. */
  get installationId(): string {
    return (this.#newest ?? this.#worker).installationId;
  }

  /** The newest installation's database file. */
  get dbPath(): string {
    return (this.#newest ?? this.#worker).dbPath;
  }

  /** The installation's word, as `folder` of the worker: not a path. */
  get currentFolder(): string {
    return this.#worker.folder;
  }

  /** Subscribes; resolves once the node has answered. May be left unawaited: what fails in it fails the describe. */
  startStream(type: typeofStream): Promise<void> {
    return this.#background(this.#worker.native.worker.startStream(type));
  }

  /** Ends this stream; all streams, where no type is given. */
  endStream(type?: typeofStream): Promise<void> {
    return this.#background(this.#worker.native.worker.endStream(type));
  }

  /** Ends all streams. */
  stopStreams(): Promise<void> {
    return this.endStream();
  }

  /** Syncs every `intervalMs` (default 10,000). Ends with the describe, where the suites' own never ends. */
  startSync(type: typeOfSync, intervalMs = 10_000): Promise<void> {
    return this.#background(this.#worker.native.worker.startSync(type, intervalMs));
  }

  /** Ends this sync; all syncs, where no type is given. */
  endSync(type?: typeOfSync): Promise<void> {
    return this.#background(this.#worker.native.worker.endSync(type));
  }

  /**
   * Messages of a conversation that a stream brings after the call: `count`, or as many as came in `timeoutMs`. Never
   * throws.
   *
   * @param types content types by their `typeId`; default texts only
   */
  async collectMessages(
    conversationId: string,
    count = 1,
    types: readonly string[] = ["text"],
    timeoutMs: number = streamTimeout,
  ): Promise<CollectedMessage[]> {
    const fits = (event: LedgerEvent): event is ReceiveEvent =>
      event.kind === "receive" &&
      event.conversationId === conversationId &&
      types.includes(event.contentType);
    return (await gather(this.#worker.native, fits, count, timeoutMs)).map(toMessage);
  }

  /**
   * Updates of a group that a stream brings after the call: `count`, or as many as came in `timeoutMs`. Never throws.
   */
  async collectGroupUpdates(
    groupId: string,
    count = 1,
    timeoutMs: number = streamTimeout,
  ): Promise<CollectedUpdate[]> {
    const fits = (event: LedgerEvent): event is ReceiveEvent =>
      event.kind === "receive" && event.conversationId === groupId && event.update !== undefined;
    return (await gather(this.#worker.native, fits, count, timeoutMs)).map(toUpdate);
  }

  /** The same, for updates that add somebody. */
  async collectAddedMembers(
    groupId: string,
    count = 1,
    timeoutMs: number = streamTimeout,
  ): Promise<CollectedUpdate[]> {
    const fits = (event: LedgerEvent): event is ReceiveEvent =>
      event.kind === "receive" &&
      event.conversationId === groupId &&
      (event.update?.addedInboxIds.length ?? 0) > 0;
    return (await gather(this.#worker.native, fits, count, timeoutMs)).map(toUpdate);
  }

  /**
   * New conversations that `fromInboxId` made; any, where it is "". The suites' own takes any. `count`, or as many as
   * came in `timeoutMs` after the call, by id only: `getConversation` gives the object.
   */
  async collectConversations(
    fromInboxId = "",
    count = 1,
    timeoutMs: number = streamTimeout,
  ): Promise<{ readonly conversation: { readonly id: string } }[]> {
    const fits = (event: LedgerEvent): event is ConversationEvent =>
      event.kind === "conversation" && (fromInboxId === "" || event.addedByInboxId === fromInboxId);
    const found = await gather(this.#worker.native, fits, count, timeoutMs);
    return found.map(({ conversationId }) => ({ conversation: { id: conversationId } }));
  }

  /**
   * Consent changes that a stream brings after the call: `count`, or as many as came in `timeoutMs`. Never throws.
   * `inboxId` is the entity's id, also where that is a conversation; `consentValue` is true for allowed only.
   */
  async collectConsentUpdates(
    count = 1,
    timeoutMs: number = streamTimeout,
  ): Promise<{ readonly consentUpdate: { readonly inboxId: string; readonly consentValue: boolean } }[]> {
    const fits = (event: LedgerEvent): event is ConsentEvent => event.kind === "consent";
    const found = await gather(this.#worker.native, fits, count, timeoutMs);
    return found.map(({ entity, state }) => ({
      consentUpdate: { inboxId: entity, consentValue: state === "allowed" },
    }));
  }

  /**
   * Makes a further installation of the same identity, which ends with the describe. `worker.client` stays the one it
   * was, as the record of the suites' own manager does: it is the one that knows its groups. `client`, `installationId`
   * and `dbPath` of this object are the new one's.
   */
  async addNewInstallation(): Promise<void> {
    const added = await this.#worker.native.worker.addNewInstallation();
    added.worker.tolerate(/./);
    this.#newest = added;
  }

  /** Throws the installation away and makes a new one of the same identity. */
  async reinstall(): Promise<void> {
    await this.#worker.native.worker.reinstall();
    this.#newest = undefined;
    this.#wiped = false;
  }

  /** Cuts the client off, with its streams; `initialize` brings it back. */
  async terminate(): Promise<void> {
    if (this.#away) return;
    this.#away = true;
    await this.#worker.native.worker.endSync();
    await this.#worker.native.worker.endStream();
    await this.#worker.native.worker.goOffline();
  }

  /** Brings a terminated client back; a new installation where its database was cleared. */
  async initialize(): Promise<{
    client: CompatClient;
    dbPath: string;
    address: string;
    installationId: string;
  }> {
    if (this.#away) await this.#worker.native.worker.goOnline();
    this.#away = false;
    if (this.#wiped) await this.reinstall();
    const { client, dbPath, address, installationId } = this.#worker;
    return { client, dbPath, address, installationId };
  }

  /** The next `initialize` makes a new installation. The files go then: a client has them open until it ends. */
  clearDB(): Promise<boolean> {
    this.#wiped = true;
    return Promise.resolve(true);
  }

  /** Refused: the suites' own sleeps and locks nothing. @throws XmtpTestError `COMPAT_REFUSED` */
  lockDB(): never {
    throw new XmtpTestError(
      "COMPAT_REFUSED",
      "lockDB() has no counterpart.",
      "Use goOffline() and goOnline() of the native worker: they release the database.",
    );
  }

  /** A DM of the worker's own installation, also after `addNewInstallation`. */
  async createDm(inboxId: string): Promise<CompatDm> {
    return await this.#worker.client.conversations.createDm(inboxId);
  }

  /** The same, by a wallet's address. */
  async createDmWithIdentifier(identifier: Identifier): Promise<CompatDm> {
    return await this.#worker.client.conversations.createDmWithIdentifier(identifier);
  }

  /** A group of the worker's own installation. Options are the SDK's. */
  async createGroup(inboxIds: string[], options?: object): Promise<CompatGroup> {
    return await this.#worker.client.conversations.createGroup(inboxIds, options);
  }

  /** The same, by wallets' addresses. */
  async createGroupWithIdentifiers(identifiers: Identifier[], options?: object): Promise<CompatGroup> {
    return await this.#worker.client.conversations.createGroupWithIdentifiers(identifiers, options);
  }

  /** Its inbox's state, from the network. */
  async fetchInboxState(): Promise<unknown> {
    return await this.client.preferences.fetchInboxState();
  }

  /** Other inboxes' states, from the network. */
  async fetchInboxStates(inboxIds: string[]): Promise<unknown> {
    return await this.client.preferences.fetchInboxStates(inboxIds);
  }

  /** Key packages of installations, by id: their lifetime, or what is wrong with them. */
  async fetchKeyPackageStatuses(installationIds: string[]): Promise<unknown> {
    return await this.client.fetchKeyPackageStatuses(installationIds);
  }

  /** A conversation of its database, without a sync; undefined where it does not know it. */
  async getConversation(id: string): Promise<CompatConversation | undefined> {
    return await this.#worker.client.conversations.getConversationById(id);
  }

  /** Revokes all others where the inbox has more than `threshold` installations (default 5). */
  async revokeExcessInstallations(threshold = installationThreshold): Promise<void> {
    const { native } = this.#worker;
    const all = await native.fetchInstallations();
    if (all.length <= threshold) return;
    await native.revokeInstallations(all.map(({ id }) => id).filter((id) => id !== native.installationId));
  }

  /**
   * Adds installations until the inbox has `target`; revokes none.
   *
   * @returns how many it has
   */
  async checkAndManageInstallations(target: number): Promise<number> {
    const { native } = this.#worker;
    for (let left = target - (await native.fetchInstallations()).length; left > 0; left--)
      await native.worker.addNewInstallation();
    return (await native.fetchInstallations()).length;
  }

  /** The client's own API counters, given back rather than printed; cleared, as the suites' own does. */
  getStats(): Promise<unknown> {
    const { debugInformation } = this.client;
    const stats = debugInformation.apiStatistics();
    debugInformation.clearAllStatistics();
    return Promise.resolve(stats);
  }

  /** Sizes in bytes: newer suites of this kind have rounded megabytes. */
  async getSQLiteFileSizes(): Promise<FileSizes> {
    const { client, native } = this.#worker;
    const { database, writeAheadLog, sharedMemory, total } = await native.fileSizes();
    const conversations = (await client.conversations.list()).length;
    return { dbFile: database, walFile: writeAheadLog, shmFile: sharedMemory, total, conversations };
  }

  /** Suites leave these unawaited: what then fails fails the describe. */
  #background(work: Promise<void>): Promise<void> {
    work.catch((error: unknown) => scopeIfAny()?.failLater(error));
    return work;
  }
}
