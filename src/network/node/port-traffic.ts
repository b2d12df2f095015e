import { memberKey } from "../association/member.js";
import type { PortConnection } from "./client-ports.js";
import type { NodeStore } from "../store/node-store.js";
import type { SubscriptionChange, SubscriptionInfo } from "../store/subscriptions.js";
import type { Traffic, TrafficTap } from "../store/traffic.js";

/** What the node saw at one client's port. Plain data: it goes from the node's thread to its parent. */
export interface PortEvent {
  /** A name of {@link EmbeddedNode.openClientPort}. */
  readonly client: string;
  /** Over which of the connections at clients' ports, counted from 1; 0 for `registered`. */
  readonly connection: number;
  /** `followed`: a bidirectional stream, which begins with nothing, brings more from now on. */
  readonly what: "registered" | "subscribed" | "followed" | "unsubscribed" | "published" | "delivered";
  /** What was published or delivered, or what the stream brings; "" for `registered`. */
  readonly about: SubscriptionInfo["kind"] | "";
  /** `query` where the client asked for it, for example in a sync. */
  readonly via: "stream" | "query";
  /** The group's id in hex; "" for a welcome, whose group the node cannot see. */
  readonly conversationId: string;
  /** The installation a welcome is for, in hex; "" for the rest. */
  readonly recipientInstallationId: string;
  /** The node's id of the message, decimal; "" where there is none. */
  readonly sequenceId: string;
  /** When the node stored the message, Unix nanoseconds as a decimal string; "" where there is none. */
  readonly createdNs: string;
  /** Whether it is a commit or a proposal rather than somebody's message. */
  readonly commit: boolean;
  /** What the stream brings, for `subscribed` and `unsubscribed`; what it brings in addition, for `followed`. */
  readonly brings: readonly ("group" | "welcome")[];
  /** Whose port it is, as far as is known: "" before its first installation has registered. */
  readonly inboxId: string;
  /** "" also where several installations use the port: who wrote a message is sealed. */
  readonly installationId: string;
  /** Lower-case `0x` address of an account of the inbox; "" where none is known. */
  readonly address: string;
}

type Who = Pick<PortEvent, "inboxId" | "installationId" | "address">;
type What = Omit<PortEvent, "client" | "connection" | keyof Who>;

interface Client {
  readonly installations: Set<string>;
  who: Who;
}

const nobody: Who = { inboxId: "", installationId: "", address: "" };
const nothing: Omit<What, "what"> = {
  about: "",
  via: "stream",
  conversationId: "",
  recipientInstallationId: "",
  sequenceId: "",
  createdNs: "",
  commit: false,
  brings: [],
};

/** Listens to the ports of some clients, and finds out whose they are: from the installations they speak for. */
export class PortTraffic implements TrafficTap {
  readonly #store: NodeStore;
  readonly #connectionOf: (peer: string) => PortConnection | undefined;
  readonly #report: (event: PortEvent) => void;
  readonly #clients = new Map<string, Client>();
  /** Whose streams are open, as a stream may end after its connection is forgotten. */
  readonly #streams = new Map<string, { readonly connection: PortConnection; open: number }>();

  constructor(
    store: NodeStore,
    connectionOf: (peer: string) => PortConnection | undefined,
    report: (event: PortEvent) => void,
  ) {
    this.#store = store;
    this.#connectionOf = connectionOf;
    this.#report = report;
  }

  listen(client: string): void {
    this.#clients.set(client, { installations: new Set(), who: nobody });
  }

  unlisten(client: string): void {
    this.#clients.delete(client);
  }

  hears(peer: string): boolean {
    return this.#clients.size > 0 && this.#clients.has(this.#clientOf(peer));
  }

  saw(peer: string, { what, about, via, key, id, createdNs, commit }: Traffic): void {
    const group = about === "group";
    this.#tell(this.#connectionOf(peer), {
      ...nothing,
      what,
      about,
      via,
      conversationId: group ? key : "",
      recipientInstallationId: group ? "" : key,
      sequenceId: String(id),
      createdNs: String(createdNs),
      commit,
    });
  }

  spokeFor(peer: string, installationKey: string): void {
    if (!this.hears(peer)) return;
    const name = this.#clientOf(peer);
    // A welcome may also be for a key of its own, which no installation has.
    if (this.#store.keyPackages.has(installationKey))
      this.#clients.get(name)?.installations.add(installationKey);
    this.#identify(name);
  }

  follows(peer: string, brings: PortEvent["brings"]): void {
    this.#tell(this.#connectionOf(peer), { ...nothing, what: "followed", about: "topics", brings });
  }

  inboxChanged(): void {
    for (const [name, { who }] of this.#clients) if (who.inboxId === "") this.#identify(name);
  }

  /** A stream has opened or ended. */
  changed({ kind, peer, brings }: SubscriptionChange, open: boolean): void {
    const known = this.#streams.get(peer);
    const connection = known?.connection ?? this.#connectionOf(peer);
    if (connection === undefined) return;
    const count = (known?.open ?? 0) + (open ? 1 : -1);
    if (count > 0) this.#streams.set(peer, { connection, open: count });
    else this.#streams.delete(peer);
    this.#tell(connection, { ...nothing, what: open ? "subscribed" : "unsubscribed", about: kind, brings });
  }

  #clientOf(peer: string): string {
    return this.#connectionOf(peer)?.client ?? "";
  }

  #tell(connection: PortConnection | undefined, what: What): void {
    if (connection === undefined) return;
    const { client: name, number } = connection;
    this.#identify(name);
    const client = this.#clients.get(name);
    if (client) this.#report({ client: name, connection: number, ...client.who, ...what });
  }

  /** Looks until the inbox is known: a key package may be uploaded before the inbox lists its installation. */
  #identify(name: string): void {
    const client = this.#clients.get(name);
    if (!client) return;
    const [first, ...more] = client.installations;
    if (first === undefined) return;
    const installationId = more.length === 0 ? first : "";
    const known = client.who.inboxId === "" ? this.#ownerOf(first) : client.who;
    if (!known || (client.who.inboxId !== "" && client.who.installationId === installationId)) return;
    client.who = { ...known, installationId };
    this.#report({ client: name, connection: 0, ...client.who, ...nothing, what: "registered" });
  }

  #ownerOf(installationKey: string): Who | undefined {
    const key = memberKey({ kind: "installation", value: installationKey });
    for (const { inboxId, members } of this.#store.identityStates.values()) {
      if (!members.has(key)) continue;
      const account = [...members.values()].find(({ identifier }) => identifier.kind === "ethereum");
      const address = account?.identifier.value.toLowerCase() ?? "";
      return { inboxId, installationId: installationKey, address };
    }
    return undefined;
  }
}
