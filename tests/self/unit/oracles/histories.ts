/**
 * Random correct histories: what workers that lose nothing write into a ledger, with all that makes it look wrong.
 * Groups whose members come and go, stitched DMs, second installations, streams that break and come back, workers
 * that go offline, restarts, messages published again, sends of unknown and failed outcome, and clocks that are off.
 */
import { SeededRandom } from "../../../../src/random.js";
import type { LedgerEvent, ReceiveEvent, SendEvent } from "../../../../src/ledger/events.js";
import { typeofStream } from "../../../../src/ledger/events.js";
import type { ConversationSnapshot, SnapshotMessage } from "../../../../src/ledger/snapshot.js";
import { LedgerBuilder, nanoseconds } from "./ledger-builder.js";

/** A receipt that an installation was owed, and certainly had to be given. */
export interface Owed {
  readonly send: SendEvent;
  readonly worker: string;
  readonly inGap: boolean;
}

export interface CorrectHistory {
  readonly events: readonly LedgerEvent[];
  readonly snapshots: readonly ConversationSnapshot[];
  readonly owed: readonly Owed[];
  /** Ids of messages that everybody else was given twice. */
  readonly republished: ReadonlySet<string>;
  readonly group: string;
  /** Names and consents that each listening member's streams reported, in order; the asker's questions. */
  readonly renames: readonly string[];
  readonly consents: readonly { readonly entity: string; readonly state: "allowed" | "denied" }[];
  readonly questions: readonly SendEvent[];
  readonly asOf: number;
}

type Pending = (source: "stream" | "gap") => void;

interface Installation {
  readonly worker: string;
  readonly inboxId: string;
  readonly installationId: string;
  streamId: number;
  streamSeq: number;
  /** `up`, or how it is away; what it misses waits for it. */
  state: "up" | "lost" | "offline" | "ended";
  readonly pending: Pending[];
  readonly stored: SnapshotMessage[];
  /** Conversations in which it certainly is: it has shown itself. */
  readonly in: Set<string>;
}

const group = "group";
const dms = ["dm-one", "dm-two"];
const talk = "talk";

/** The correct history of a seed. */
export function correctHistory(seed: string | number): CorrectHistory {
  return new Model(new SeededRandom(String(seed), "history")).run();
}

class Model {
  readonly #random: SeededRandom;
  readonly #ledger = new LedgerBuilder();
  readonly #all: Installation[] = [];
  readonly #members = new Set<string>();
  readonly #owed: Owed[] = [];
  readonly #republished = new Set<string>();
  readonly #renames: string[] = [];
  readonly #consents: { entity: string; state: "allowed" | "denied" }[] = [];
  readonly #questions: SendEvent[] = [];
  readonly #nodeSkew: number;
  #now = 10;
  #count = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#nodeSkew = random.int(-300, 300);
  }

  run(): CorrectHistory {
    for (const name of ["alice", "bob", "carol", "dave"]) this.#create(name, name, "1");
    for (const name of ["alice", "bob", "carol"]) this.#join(name);
    for (const conversationId of dms) for (const name of ["alice", "bob"]) this.#shows(name, conversationId);
    for (const name of ["alice", "dave"]) this.#shows(name, talk);
    const steps = this.#random.int(6, 24);
    for (let step = 0; step < steps; step += 1) this.#step();
    for (const one of this.#all) this.#comeBack(one);
    this.#ask();
    this.#tick(2_000);
    for (const one of this.#all) if (this.#random.int(0, 2) === 0) this.#end(one);
    this.#tick(1);
    this.#ledger.at(this.#now).lifecycle("alice", "note", "the end");
    return {
      events: this.#ledger.events,
      snapshots: this.#snapshots(),
      owed: this.#owed,
      republished: this.#republished,
      group,
      renames: this.#renames,
      consents: this.#consents,
      questions: this.#questions,
      asOf: this.#now + 5,
    };
  }

  #tick(ms: number): number {
    this.#now += ms;
    this.#ledger.at(this.#now);
    return this.#now;
  }

  #create(worker: string, inbox: string, suffix: string): Installation {
    const one: Installation = {
      ...{ worker, inboxId: `inbox-${inbox}`, installationId: `${inbox}-${suffix}` },
      ...{ streamId: 1, streamSeq: 0, state: "up", pending: [], stored: [], in: new Set() },
    };
    this.#all.push(one);
    this.#tick(2);
    this.#ledger.lifecycle(worker, "created", "", this.#who(one));
    for (const state of ["starting", "live"] as const) this.#stream(one, state);
    return one;
  }

  #who({ inboxId, installationId }: Installation): { inboxId: string; installationId: string } {
    return { inboxId, installationId };
  }

  #stream(
    one: Installation,
    state: "starting" | "live" | "lost" | "retry" | "restart" | "gap_filled" | "ending" | "ended",
  ): void {
    this.#tick(1);
    this.#ledger.stream(one.worker, state, {
      ...this.#who(one),
      streamId: one.streamId,
      streamType: typeofStream.Message,
    });
  }

  #of(name: string): Installation {
    const found = this.#all.find((one) => one.worker === name);
    if (!found) throw new Error(`no worker ${name}`);
    return found;
  }

  /** A worker's own sign in a conversation, read on demand. */
  #shows(name: string, conversationId: string): void {
    const one = this.#of(name);
    one.in.add(conversationId);
    this.#tick(1);
    this.#ledger.joined(name, "query");
    Object.assign(this.#ledger.events.at(-1) ?? {}, { conversationId, ...this.#who(one) });
  }

  #join(name: string): void {
    this.#members.add(`inbox-${name}`);
    this.#shows(name, group);
  }

  #step(): void {
    const kind = this.#random.int(0, 13);
    if (kind <= 5) this.#send(this.#pick([group, group, group, ...dms]));
    else if (kind === 6) this.#change();
    else if (kind === 7) this.#rename();
    else if (kind === 8) this.#consent();
    else if (kind <= 10) this.#goAway(this.#pick(this.#all));
    else if (kind <= 12) this.#comeBack(this.#pick(this.#all));
    else this.#addInstallation();
  }

  /** Who can read what is sent to a conversation now. */
  #readers(conversationId: string): Installation[] {
    return this.#all.filter((one) => {
      if (!one.in.has(conversationId)) return false;
      return conversationId !== group || this.#members.has(one.inboxId);
    });
  }

  #send(conversationId: string, by?: Installation, text?: string): SendEvent | undefined {
    const able = this.#readers(conversationId).filter((one) => one.state !== "offline");
    const sender = by ?? (able.length === 0 ? undefined : this.#pick(able));
    if (!sender) return undefined;
    const outcome =
      text === undefined ? this.#pick(["ok", "ok", "ok", "ok", "ok", "unknown", "failed"] as const) : "ok";
    const said = text ?? this.#pick(["gm", "gm", `text ${this.#count}`]);
    const messageId = `m${(this.#count += 1)}`;
    const at = this.#tick(this.#random.int(1, 400));
    const lasts = this.#random.int(1, 20);
    const send = this.#ledger.send(sender.worker, said, {
      ...this.#who(sender),
      ...{ conversationId, outcome, endedAt: at + lasts },
      ...(outcome === "ok" ? { messageId } : { messageId: undefined as never }),
    });
    if (outcome === "failed" || (outcome === "unknown" && this.#random.int(0, 1) === 0)) return send;
    const again =
      outcome === "ok" && text === undefined && sender.state === "up" && this.#random.int(0, 11) === 0;
    if (again) this.#republished.add(messageId);
    // libxmtp stamps a message by the node's time of its publication, for its sender by that of the last one.
    const node = nanoseconds(at + this.#nodeSkew);
    const stamps = { own: again ? nanoseconds(at + lasts / 2 + this.#nodeSkew) : node, node };
    for (const reader of this.#shuffled(this.#readers(conversationId))) {
      const isOwn = reader === sender;
      // When exactly dave comes and goes is known to the node's clock only.
      const owed = outcome === "ok" && !isOwn && (reader.worker !== "dave" || conversationId !== group);
      if (owed) this.#owed.push({ send, worker: reader.worker, inGap: reader.state !== "up" });
      const sentAtNs = isOwn ? stamps.own : stamps.node;
      reader.stored.push({
        ...{ id: messageId, senderInboxId: sender.inboxId, contentType: "text", kind: "application" },
        ...{ payloadHash: send.payload.hash, sentAtNs },
      });
      Object.assign(reader.stored.at(-1) ?? {}, { conversationId });
      const copies = again && !isOwn ? 2 : 1;
      this.#give(reader, (source) => {
        for (let copy = 0; copy < (source === "stream" ? copies : 1); copy += 1) {
          this.#tick(1);
          this.#ledger.receive(reader.worker, said, sender.worker, {
            ...this.#who(reader),
            ...{ senderInboxId: sender.inboxId, conversationId, messageId, sentAtNs, source },
            ...{ streamId: reader.streamId, streamSeq: (reader.streamSeq += 1) },
          });
        }
      });
    }
    this.#tick(lasts);
    return send;
  }

  #give(reader: Installation, deliver: Pending): void {
    if (reader.state === "up") deliver("stream");
    else if (reader.state !== "ended") reader.pending.push(deliver);
  }

  /** Somebody is added or removed; everybody who is a member then hears of it. */
  #change(): void {
    const isThere = this.#members.has("inbox-dave");
    const makers = this.#readers(group).filter((one) => one.worker !== "dave" && one.state === "up");
    const dave = this.#of("dave");
    if (makers.length === 0) return;
    const maker = this.#pick(makers);
    const update = isThere ? { removedInboxIds: ["inbox-dave"] } : { addedInboxIds: ["inbox-dave"] };
    const hearers = this.#readers(group);
    this.#update(maker, hearers, update);
    if (isThere) this.#members.delete("inbox-dave");
    else {
      this.#members.add("inbox-dave");
      // Offline it reads the welcome, and all that came after it, when it is back.
      if (dave.state === "up") this.#shows("dave", group);
      else {
        dave.in.add(group);
        dave.pending.push(() => this.#shows("dave", group));
      }
    }
  }

  #rename(): void {
    const makers = this.#readers(group).filter((one) => one.state === "up");
    if (makers.length === 0) return;
    const newValue = `name ${this.#renames.length}`;
    this.#renames.push(newValue);
    const fields = [{ field: "group_name", oldValue: "", newValue }];
    this.#update(this.#pick(makers), this.#readers(group), { fields });
  }

  #update(maker: Installation, hearers: readonly Installation[], update: object): void {
    const at = this.#tick(this.#random.int(1, 400));
    const messageId = `u${(this.#count += 1)}`;
    for (const hearer of this.#shuffled(hearers)) {
      const stamp = at + this.#nodeSkew;
      this.#give(hearer, (source) => {
        this.#tick(1);
        this.#ledger.update(hearer.worker, maker.worker, update, {
          ...this.#who(hearer),
          ...{ conversationId: group, messageId, source, sentAtNs: nanoseconds(stamp) },
          ...{ streamId: hearer.streamId, streamSeq: (hearer.streamSeq += 1) },
          senderInboxId: maker.inboxId,
        });
        const last = this.#ledger.events.at(-1) as ReceiveEvent;
        Object.assign(last.update ?? {}, { initiatedByInboxId: maker.inboxId });
      });
    }
    this.#tick(1);
  }

  #consent(): void {
    const state = this.#pick(["allowed", "denied"] as const);
    const entity = `inbox-${this.#consents.length}`;
    this.#consents.push({ entity, state });
    this.#tick(1);
    this.#ledger.consent("alice", entity, state);
    const streamSeq = this.#consents.length;
    Object.assign(this.#ledger.events.at(-1) ?? {}, {
      installationId: "alice-consents",
      streamId: 99,
      streamSeq,
    });
  }

  #goAway(one: Installation): void {
    if (one.state !== "up") return;
    if (this.#random.int(0, 1) === 0) {
      one.state = "lost";
      for (const state of ["lost", "retry"] as const) this.#stream(one, state);
    } else {
      for (const state of ["ending", "ended"] as const) this.#stream(one, state);
      one.state = "offline";
      this.#tick(1);
      this.#ledger.lifecycle(one.worker, "offline", "", this.#who(one));
    }
    this.#tick(this.#random.int(1, 200));
  }

  #comeBack(one: Installation): void {
    if (one.state !== "lost" && one.state !== "offline") return;
    const was = one.state;
    one.state = "up";
    if (was === "offline") {
      this.#tick(1);
      this.#ledger.lifecycle(one.worker, "online", "", this.#who(one));
      one.streamId += 1;
      one.streamSeq = 0;
      for (const state of ["starting", "live"] as const) this.#stream(one, state);
    } else this.#stream(one, "restart");
    for (const deliver of one.pending.splice(0)) deliver("gap");
    this.#stream(one, "gap_filled");
  }

  #end(one: Installation): void {
    if (one.state !== "up") return;
    one.state = "ended";
    for (const state of ["ending", "ended"] as const) this.#stream(one, state);
  }

  /** A second installation of bob, which reads what is sent from its first sign on. */
  #addInstallation(): void {
    if (this.#all.some((one) => one.worker === "bob-b")) return;
    this.#create("bob-b", "bob", "2");
    this.#shows("bob-b", group);
  }

  /** Alice asks dave, who answers each question. */
  #ask(): void {
    const [alice, dave] = [this.#of("alice"), this.#of("dave")];
    for (let question = 0; question < 3; question += 1) {
      const sent = this.#send(talk, alice, `question ${question}`);
      if (sent) this.#questions.push(sent);
      this.#send(talk, dave, `answer ${question}`);
    }
  }

  #snapshots(): ConversationSnapshot[] {
    return this.#readers(group)
      .filter((one) => one.worker !== "dave")
      .map(({ worker, inboxId, installationId, stored }) => ({
        ...{ worker, inboxId, installationId, conversationId: group, known: true, active: true, epoch: 7 },
        members: [...this.#members].map((id) => ({ inboxId: id, permission: "member" as const })),
        ...{ admins: [], superAdmins: ["inbox-alice"], metadata: { name: "n" }, consent: "allowed" as const },
        messages: stored.filter((one) => (one as { conversationId?: string }).conversationId === group),
        ...{ fork: "unknown" as const, forkDetail: "", epochAuthenticator: "abcdef" },
      }));
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.int(0, items.length - 1)] as T;
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const out: T[] = [];
    while (rest.length > 0) out.push(...rest.splice(this.#random.int(0, rest.length - 1), 1));
    return out;
  }
}
