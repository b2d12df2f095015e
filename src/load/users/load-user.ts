import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorText, toError, XmtpTestError } from "../../errors.js";
import { SeededRandom } from "../../random.js";
import { fileSizes } from "../../workers/client/file-sizes.js";
import type { SdkClient, SdkMessage, StreamHandlers } from "../../workers/sdk/types.js";
import { InboxCheck } from "../checking/inbox-check.js";
import type { Missing } from "../checking/inbox-check.js";
import type { UserRecord } from "../measuring/blob.js";
import type { ArtilleryEvents } from "../measuring/meter.js";
import type { CounterName, HistogramName } from "../measuring/names.js";
import { decodeMessage, encodeMessage } from "../population/message.js";
import type { LoadMessage } from "../population/message.js";
import type { PlannedConversation } from "../population/population.js";
import { Changes } from "./changes.js";
import { KnownConversations } from "./conversations.js";
import { Outbox } from "./outbox.js";
import { sendTimes } from "./pace.js";
import { whenRegistered } from "./registered.js";
import { wallNow } from "./session.js";
import type { UserSession } from "./session.js";

/** The stream comes back soon after an outage; the SDK's own minute would outlast the run. */
const stream = { retryDelayMs: 500, retryAttempts: 600 };
/** How often somebody who waits for a conversation asks the node; the stream brings nearly all of them. */
const lookMs = 5_000;
/** A slot of the talk that is late by more than this is given up: the user cannot keep the pace. */
const slotPatienceMs = 5_000;
const mostTexts = 20;

/** A virtual user: a real client, and the check of all it is given. */
export class LoadUser {
  readonly number: number;
  readonly #session: UserSession;
  readonly #events: ArtilleryEvents;
  readonly #dbPath: string;
  readonly #check: InboxCheck;
  readonly #conversations: KnownConversations;
  readonly #changes = new Changes();
  readonly #outboxes = new Map<number, Outbox>();
  readonly #random: SeededRandom;
  #client: SdkClient | undefined;
  #streamFailure: Error | undefined;
  #record: Pick<UserRecord, "state" | "error" | "settledAt" | "lastSeen" | "lost"> = {
    state: "unfinished",
    lastSeen: [],
    lost: [],
  };

  constructor(session: UserSession, user: number, events: ArtilleryEvents) {
    this.number = user;
    this.#session = session;
    this.#events = events;
    this.#dbPath = join(session.folder, `user-${user}.db3`);
    this.#check = new InboxCheck(user, { slackMs: session.settings.lateMs });
    this.#conversations = new KnownConversations(session.population, user);
    this.#random = new SeededRandom(session.seed, `load user ${user}`);
  }

  get record(): UserRecord {
    return {
      user: this.number,
      ...this.#record,
      acknowledged: [...this.#outboxes].flatMap(([conversation, { acknowledged }]) =>
        acknowledged.map(([seq, at]) => [conversation, seq, at] as const),
      ),
    };
  }

  /** Whether a client is open. */
  get alive(): boolean {
    return this.#client !== undefined;
  }

  /** Makes the client, which registers the inbox. */
  async signUp(): Promise<void> {
    const { population, sdk } = this.#session;
    const began = performance.now();
    this.#client = await sdk.create({
      signer: population.signer(this.number),
      network: this.#session.networkOf(this.number),
      dbPath: this.#dbPath,
      dbEncryptionKey: randomBytes(32),
      disableDeviceSync: true,
      observer: { sendStarted: () => () => undefined, streamOpened: () => undefined },
    });
    if (this.#client.inboxId !== population.inboxId(this.number))
      throw new XmtpTestError(
        "LOAD_USER",
        `User ${this.number} got the inbox ${this.#client.inboxId}, not ${population.inboxId(this.number)}.`,
        "The other shards expect the latter: please report this SDK version.",
      );
    this.#time("xmtp.sign_up_ms", began);
    this.#count("xmtp.users.signed_up");
  }

  /** Opens the stream of all messages; what is stored already is owed by nobody. */
  async stream(): Promise<void> {
    const client = this.#live();
    await client.streamMessages(this.#handlers(), stream);
    await this.#look((message) => this.#check.wasThere(message));
  }

  /** Makes the conversations that are this user's to make, and waits for the others. */
  async join(): Promise<void> {
    const began = performance.now();
    const deadline = began + this.#session.settings.joinSeconds * 1000;
    const own = this.#conversations.missing.filter(({ members }) => members[0] === this.number);
    await Promise.all(own.map((one) => this.#make(one, deadline)));
    const all = await this.#changes.until(() => this.#conversations.missing.length === 0, deadline, {
      everyMs: lookMs,
      ask: () => this.#resync(),
    });
    this.#time("xmtp.join_ms", began);
    if (all) return;
    const { missing, known } = this.#conversations;
    this.#count("xmtp.conversations_missing", missing.length);
    if (known.length === 0)
      throw new XmtpTestError(
        "LOAD_USER",
        `User ${this.number} was in none of its ${missing.length} conversations after ${this.#session.settings.joinSeconds} s.`,
        "Let more users arrive before it, start all shards, or raise joinSeconds.",
      );
  }

  /** Sends one message to one of the user's conversations. A failed send is counted, and is no error of the user. */
  async send(): Promise<void> {
    const { known } = this.#conversations;
    if (known.length === 0) throw noConversation(this.number);
    await this.#send(this.#random.pick(known).number);
  }

  /**
   * Sends the first message to each conversation, each member after the one before it. A member's first message commits
   * a key update: many at once overtake each other, fail, and are published again (libxmtp).
   */
  async greet(): Promise<void> {
    const deadline = performance.now() + this.#session.settings.joinSeconds * 1000;
    await Promise.all(
      this.#conversations.known.map(async ({ number, members }) => {
        const before = members[members.indexOf(this.number) - 1];
        // Who makes the conversation has greeted with it.
        if (before === undefined) return;
        await this.#changes.until(() => this.#check.has(number, before), deadline);
        await this.#send(number);
      }),
    );
  }

  /** Sends at the pace of the settings. */
  async talk(): Promise<void> {
    const { settings, population } = this.#session;
    const began = performance.now();
    // Who is in no conversation of the population only listens.
    const share = population.of(this.number).length === 0 ? 0 : 1 / population.talkers;
    for (const at of sendTimes(settings.talk, share, this.#random)) {
      const due = began + at * 1000;
      const now = performance.now();
      if (now - due > slotPatienceMs) {
        this.#count("xmtp.slots_missed");
        continue;
      }
      if (due > now) await delay(due - now);
      await this.send();
    }
    const end = began + settings.talk.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
    // The rest of the time it listens.
    await delay(Math.max(0, end - performance.now()));
  }

  /** Fetches new conversations and the messages of all. */
  async sync(): Promise<void> {
    const began = performance.now();
    await this.#live().syncAll();
    this.#time("xmtp.sync_ms", began);
  }

  /** Judges the receive side: what the database has after a sync, against what the stream gave. */
  async settle(): Promise<void> {
    const client = this.#live();
    // What was acknowledged before this must be in the database after the sync.
    const settledAt = wallNow();
    await this.sync();
    const stored: LoadMessage[] = [];
    await this.#look((message) => stored.push(message));
    const missing = await this.#missing(stored);
    const lost = missing.filter(({ how }) => how !== "outage");
    this.#count("xmtp.lost", lost.length);
    this.#count("xmtp.lost_on_stream", lost.filter(({ how }) => how === "stream").length);
    this.#count("xmtp.lost_in_store", lost.filter(({ how }) => how === "store").length);
    this.#count("xmtp.missed_in_outage", missing.length - lost.length);
    const lastSeen = this.#check.lastSeen(stored);
    const texts = lost.slice(0, mostTexts).map((one) => this.#lostText(one));
    this.#record = { state: "settled", settledAt, lastSeen, lost: texts };
    this.#measure("xmtp.database_kb", (await fileSizes(this.#dbPath)).total / 1000);
    this.#count("xmtp.users.settled");
    await client.close();
    await this.#end();
  }

  /** Ends a user that an error stopped; it is counted, with why. Idempotent. */
  async die(error: unknown): Promise<void> {
    if (this.#record.state !== "unfinished") return;
    this.#record = { ...this.#record, state: "died", error: errorText(error) };
    this.#count("xmtp.users.died");
    await this.#client?.close();
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#client = undefined;
    for (const end of ["", "-wal", "-shm"]) await rm(this.#dbPath + end, { force: true });
  }

  /** What the stream was not given, after it had its time. */
  async #missing(stored: readonly LoadMessage[]): Promise<Missing[]> {
    const deadline = performance.now() + this.#session.settings.settleSeconds * 1000;
    const mayCome = (): boolean => this.#check.missing(stored).some(({ how }) => how === "stream");
    await this.#changes.until(() => !mayCome(), deadline);
    return this.#check.missing(stored);
  }

  async #make(planned: PlannedConversation, deadline: number): Promise<void> {
    const client = this.#live();
    const { population } = this.#session;
    const others = planned.members.slice(1);
    const wallets = others.map((user) => population.signer(user).address);
    if (!(await whenRegistered(client, wallets, deadline))) return;
    const ids = others.map((user) => population.inboxId(user));
    const id = planned.kind === "group" ? await client.createGroup(ids) : await client.createDm(ids[0] ?? "");
    this.#conversations.learn(planned.number, id);
    // The others learn from this message which conversation it is.
    await this.#send(planned.number);
  }

  async #send(conversation: number): Promise<void> {
    const client = this.#live();
    const id = this.#conversations.idOf(conversation);
    if (id === undefined) throw noConversation(this.number);
    const outbox = this.#outboxes.get(conversation) ?? new Outbox();
    this.#outboxes.set(conversation, outbox);
    const { run, settings } = this.#session;
    const { seq, failed } = outbox.next();
    const began = performance.now();
    const message = { run, conversation, user: this.number, seq, sentAt: wallNow(), failed };
    this.#count("xmtp.sent");
    try {
      await client.sendText(id, encodeMessage(message, settings.messageBytes));
    } catch {
      // Whether the node has it is open: the receivers neither owe nor forbid it.
      outbox.failed(seq);
      this.#count("xmtp.send_failed");
      return;
    }
    outbox.succeeded(seq, wallNow(), failed);
    this.#time("xmtp.send_ms", began);
    this.#count("xmtp.acknowledged");
  }

  #handlers(): StreamHandlers<SdkMessage> {
    return {
      onValue: (value) => this.#arrived(value),
      onError: (error) => {
        if (error instanceof XmtpTestError && error.code === "STREAM_FAILED") this.#streamFailure = error;
      },
      onFail: () => {
        this.#check.streamFailed(wallNow());
        this.#count("xmtp.stream_outages");
      },
      onRetry: () => undefined,
      onRestart: () => this.#check.streamRestarted(wallNow()),
    };
  }

  #arrived(value: SdkMessage): void {
    const now = wallNow();
    const message = this.#ofRun(value);
    if (message === undefined) return;
    const arrival = this.#check.arrived(message, value);
    this.#changes.notify();
    if (arrival === "own") return;
    if (arrival !== "new") {
      this.#count(arrival === "republished" ? "xmtp.republished" : "xmtp.duplicate");
      return;
    }
    const took = Math.max(0, now - message.sentAt);
    this.#count("xmtp.delivered");
    this.#measure("xmtp.delivery_ms", took);
    if (took > this.#session.settings.lateMs) this.#count("xmtp.late");
  }

  #ofRun(value: SdkMessage): LoadMessage | undefined {
    const message = value.contentType === "text" ? decodeMessage(value.content) : undefined;
    if (message?.run !== this.#session.run) return undefined;
    this.#conversations.learn(message.conversation, value.conversationId);
    return message;
  }

  async #resync(): Promise<void> {
    await this.#live().syncAll();
    await this.#look(() => undefined);
  }

  /** Shows every message of the run that the database has. */
  async #look(take: (message: LoadMessage) => void): Promise<void> {
    const client = this.#live();
    for (const { id } of await client.listConversations())
      for (const value of await client.listMessages(id)) {
        const message = this.#ofRun(value);
        if (message !== undefined) take(message);
      }
  }

  #live(): SdkClient {
    if (this.#streamFailure !== undefined) throw this.#streamFailure;
    if (this.#client !== undefined) return this.#client;
    throw new XmtpTestError(
      "LOAD_USER",
      `User ${this.number} has no client.`,
      "Begin the flow with signUp, and end it with settle.",
    );
  }

  #lostText({ conversation, sender, seq, how }: Missing): string {
    const where = how === "stream" ? "its database has it" : "it is not in its database either";
    return `user ${this.number} was not given message ${seq} of user ${sender} in conversation ${conversation}: ${where}`;
  }

  #count(name: CounterName, n = 1): void {
    this.#session.meter.count(this.#events, name, n);
  }

  #measure(name: HistogramName, value: number): void {
    this.#session.meter.record(this.#events, name, value);
  }

  #time(name: HistogramName, began: number): void {
    this.#measure(name, performance.now() - began);
  }
}

function noConversation(user: number): XmtpTestError {
  return new XmtpTestError(
    "LOAD_USER",
    `User ${user} has nobody to talk to.`,
    "Run the step join before it, and ask for as many groups or DMs as give everybody one.",
  );
}

/** Anything thrown, for Artillery: it counts errors by their text, which must not differ from user to user. */
export function artilleryError(thrown: unknown): Error {
  const error = toError(thrown);
  return error instanceof XmtpTestError ? Object.assign(new Error(error.code), { cause: error }) : error;
}
