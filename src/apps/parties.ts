import { XmtpTestError } from "../errors.js";
import type { LineEvent } from "../ledger/events.js";
import type { TestLedger } from "../ledger/ledger.js";
import type { Lines } from "../chaos/lines/lines.js";
import type { EmbeddedNode, PortEvent, XmtpNetwork } from "../network/index.js";
import type { ListeningLine } from "./listening.js";
import type { PartyLine } from "./party-line.js";

export interface PartiesOptions {
  readonly network: XmtpNetwork;
  /** The embedded node of that network; undefined for an external one. */
  readonly node: EmbeddedNode | undefined;
  readonly lines: Lines;
  /** What happens now is written there. */
  ledger(): TestLedger;
  /** Called with each new name, before anything is made. @throws when it is taken */
  claim(name: string): void;
}

type PortListener = (event: PortEvent) => void;

/** Parties that are not workers, of one lifetime: their lines, and what the node sees at their ports. */
export class Parties {
  readonly #options: PartiesOptions;
  readonly #lines = new Map<string, ObservedLine>();
  #unhear: (() => void) | undefined;

  constructor(options: PartiesOptions) {
    this.#options = options;
  }

  get network(): XmtpNetwork {
    return this.#options.network;
  }

  get node(): EmbeddedNode | undefined {
    return this.#options.node;
  }

  get names(): readonly string[] {
    return [...this.#lines.keys()];
  }

  /**
   * A line of this name; the same one when asked again.
   *
   * @throws XmtpTestError `INVALID_NAME`, `PARTY_CONFLICT` for another party's name, `CHAOS_TLS`, `TOXIPROXY_…`
   */
  async line(name: string): Promise<ObservedLine> {
    const known = this.#lines.get(name);
    if (known) return known;
    checkPartyName(name);
    this.#options.claim(name);
    const { network, lines, node } = this.#options;
    this.#unhear ??= node?.onPortEvent((event) => this.#lines.get(event.client)?.hear(event));
    if (node) this.#options.ledger().hearFirst(node.hearPortEvents);
    const line = new ObservedLine(name, () => this.#options.ledger(), network, node);
    this.#lines.set(name, line);
    try {
      const { url, historyUrl } = await lines.open(name, network.url, {
        historyUrl: network.historyUrl,
        observe: true,
      });
      return line.at(url, historyUrl);
    } catch (error) {
      this.#lines.delete(name);
      throw error;
    }
  }

  /** Stops listening to the ports; the lines themselves end with their {@link Lines}. */
  end(): void {
    this.#unhear?.();
    this.#unhear = undefined;
  }
}

/** A line that knows whose it is, and writes what goes over it. */
export class ObservedLine implements PartyLine {
  readonly name: string;
  readonly #ledger: () => TestLedger;
  readonly #network: XmtpNetwork;
  readonly #node: EmbeddedNode | undefined;
  readonly #listeners = new Set<PortListener>();
  #url = "";
  #historyUrl: string | undefined;
  #who: Pick<PortEvent, "inboxId" | "installationId" | "address"> = nobody;

  constructor(name: string, ledger: () => TestLedger, network: XmtpNetwork, node: EmbeddedNode | undefined) {
    this.name = name;
    this.#ledger = ledger;
    this.#network = network;
    this.#node = node;
  }

  get url(): string {
    return this.#url;
  }

  get historyUrl(): string | undefined {
    return this.#historyUrl;
  }

  get inboxId(): string {
    return this.#who.inboxId;
  }

  get installationId(): string {
    return this.#who.installationId;
  }

  get address(): string {
    return this.#who.address;
  }

  at(url: string, historyUrl: string | undefined): this {
    this.#url = url;
    this.#historyUrl = historyUrl;
    return this;
  }

  /** Writes what the node saw, and tells who listens. */
  hear(event: PortEvent): void {
    const { inboxId, installationId, address } = event;
    if (inboxId !== "") this.#who = { inboxId, installationId, address };
    const { what, about, via, conversationId, recipientInstallationId, sequenceId, createdNs, commit } =
      event;
    // That its stream is open, the ledger knows already.
    if (what !== "followed")
      this.#ledger().append<LineEvent>({
        kind: "line",
        worker: this.name,
        inboxId,
        installationId,
        ...{ what, about, via, conversationId, recipientInstallationId, sequenceId, createdNs, commit },
      });
    for (const listener of [...this.#listeners]) listener(event);
  }

  /**
   * Asks somebody else's node whether its user has registered this wallet; the embedded one tells by itself. Not over the
   * line, which may be cut.
   *
   * @throws XmtpTestError `NODE_UNREACHABLE`
   */
  async learn(wallet: () => string): Promise<void> {
    if (this.#node || this.#who.inboxId !== "") return;
    const { inboxOfAddress } = await import("../network/inbox-of-address.js");
    const address = wallet();
    const inboxId = await inboxOfAddress(this.#network, address, LOOK_UP_MS);
    if (inboxId !== undefined) this.#who = { inboxId, installationId: "", address };
  }

  /**
   * What its user does over connections that it is yet to make. What an app's earlier run has sent may still be on its
   * way, on a slow line for seconds: such a subscription is not the next run's.
   */
  async fromNowOn(): Promise<ListeningLine> {
    const node = this.#node;
    const earlier = (await node?.clientConnections()) ?? 0;
    return {
      sinceLastCall: async () => await node?.sinceLastCall(this.name),
      onEvent: (listener) =>
        this.onEvent((event) => {
          if (event.connection > earlier) listener(event);
        }),
    };
  }

  /** @returns ends the hearing */
  onEvent(listener: PortListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** How long somebody else's node may take to say whose a wallet is. */
const LOOK_UP_MS = 10_000;

const nobody = { inboxId: "", installationId: "", address: "" };

/** @throws XmtpTestError `INVALID_NAME` */
function checkPartyName(name: unknown): asserts name is string {
  if (typeof name === "string" && /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(name)) return;
  throw new XmtpTestError(
    "INVALID_NAME",
    `${JSON.stringify(name)} cannot be a party's name.`,
    "Use a letter, then up to 63 letters, digits, '_', '.' or '-'.",
  );
}
