import type {
  FaultEvent,
  LedgerEvent,
  LifecycleEvent,
  LineEvent,
  ReceiveEvent,
  StreamEvent,
} from "../ledger/events.js";
import type { Arrow, Band, Bar, BarState, Diagram, LostArrow, Mark, Row, SendMark } from "./diagram.js";
import { columnsOf } from "./diagram.js";
import { readHistory } from "../ledger/history.js";
import type { History } from "../ledger/history.js";
import { LineLinks } from "./line-links.js";

/** A receiver that never got a send; from an oracle's offenders. */
export interface LostDelivery {
  readonly sendSeq: number;
  readonly worker: string;
}

/** Turns events into rows and what joins them. Only events in `kept` get rows; all count for states. */
export function buildDiagram(
  events: readonly LedgerEvent[],
  kept: ReadonlySet<number>,
  isDrawn: (event: LedgerEvent) => boolean,
  lost: readonly LostDelivery[],
): Diagram {
  const builder = new DiagramBuilder(events);
  for (const event of events) {
    if (kept.has(event.seq)) builder.add(event);
    else if (isDrawn(event)) builder.skip(event);
  }
  return builder.finish(lost);
}

/** Rows that later events never join across: they would be drawn before what they came after. */
const barriers: ReadonlySet<string> = new Set(["send", "fault", "break"]);
/** Events of one kind share a row when they are at most so far apart, ms. */
const joinWithinMs = 100;
/** A receipt is drawn level with its send up to this latency, ms, where nothing happened between. */
const levelWithinMs = 1_000;

class DiagramBuilder {
  readonly #columns: readonly string[];
  readonly #place: ReadonlyMap<string, number>;
  readonly #names: ReadonlyMap<string, string>;
  readonly #history: History;
  readonly #links: LineLinks;
  readonly #rows: Row[] = [];
  readonly #sends = new Map<number, SendMark>();
  readonly #arrows: Arrow[] = [];
  readonly #marks: Mark[] = [];
  readonly #bars: Bar[] = [];
  readonly #bands: Band[] = [];
  readonly #streams = new Map<number, Map<string, string>>();
  readonly #openBars = new Map<number, { readonly state: BarState; readonly from: number }>();
  readonly #openFaults = new Map<string, { readonly event: FaultEvent; readonly from: number }>();
  readonly #received = new Set<string>();

  constructor(events: readonly LedgerEvent[]) {
    this.#columns = columnsOf(events);
    this.#place = new Map(this.#columns.map((name, index) => [name, index]));
    this.#names = new Map(
      events.flatMap((one) => (one.inboxId === "" ? [] : [[one.inboxId, one.worker] as const])),
    );
    this.#history = readHistory(events);
    this.#links = new LineLinks(this.#history);
  }

  add(event: LedgerEvent): void {
    const column = this.#place.get(event.worker);
    if (event.kind === "fault") return this.#fault(event);
    if (column === undefined) return;
    switch (event.kind) {
      case "send":
        this.#sends.set(event.seq, {
          event,
          column,
          row: this.#row(event, "send", String(event.seq), column),
        });
        return;
      case "receive":
        return this.#receive(event, column);
      case "stream":
        return this.#stream(event, column);
      case "lifecycle":
        return this.#mark(event, column, lifecycleLook(event), lifecycleLabel(event), event.state);
      case "conversation":
        return this.#mark(event, column, "plain", `new ${event.conversationType}`, event.conversationId);
      case "consent":
        return this.#mark(event, column, "plain", `consent ${event.state}`, event.entity + event.state);
      case "sync":
        return this.#mark(event, column, "bad", "sync failed", "sync");
      case "line":
        return this.#line(event, column);
    }
  }

  /** An event without a row: it counts in a break, and its state change is taken over. */
  skip(event: LedgerEvent): void {
    const last = this.#rows.at(-1);
    const row =
      last?.kind === "break"
        ? last
        : { at: event.at, kind: "break", about: "", hidden: 0, columns: new Set<number>() };
    if (row !== last) this.#rows.push(row);
    row.hidden += 1;
    const column = this.#place.get(event.worker);
    if (event.kind === "stream" && column !== undefined)
      this.#streamState(event, column, this.#rows.length - 1);
    if (event.kind === "fault") this.#faultState(event, this.#rows.length - 1);
  }

  finish(lost: readonly LostDelivery[]): Diagram {
    const end = this.#rows.length;
    for (const [column, bar] of this.#openBars) this.#bars.push({ column, ...bar, to: end });
    for (const { event, from } of this.#openFaults.values()) this.#band(event, from, undefined);
    return {
      columns: this.#columns,
      rows: this.#rows,
      sends: [...this.#sends.values()],
      arrows: this.#arrows,
      lost: lost.flatMap((one): LostArrow[] => {
        const send = this.#sends.get(one.sendSeq);
        const column = this.#place.get(one.worker);
        return send && column !== undefined ? [{ send, column }] : [];
      }),
      marks: this.#marks,
      bars: this.#bars,
      bands: this.#bands,
      hidden: this.#rows.reduce((sum, row) => sum + row.hidden, 0),
    };
  }

  /**
   * The row for an event: one of the latest where it is about the same thing, if nothing else happened to this
   * worker since, no send or fault lies between, and it is not much older. Else a new one.
   */
  #row(event: LedgerEvent, kind: string, about: string, column: number): number {
    for (let index = this.#rows.length - 1; index >= 0; index -= 1) {
      const row = this.#rows[index];
      if (!row || barriers.has(row.kind) || row.columns.has(column) || event.at - row.at > joinWithinMs)
        break;
      if (row.kind !== kind || row.about !== about) continue;
      row.columns.add(column);
      return index;
    }
    this.#rows.push({ at: event.at, kind, about, hidden: 0, columns: new Set([column]) });
    return this.#rows.length - 1;
  }

  #receive(event: ReceiveEvent, column: number): void {
    if (event.update)
      return this.#mark(event, column, "update", updateLabel(event, this.#names), event.messageId);
    const send = this.#history.sendOf(event) ?? this.#history.publicationOf(event);
    const mark = send && this.#sends.get(send.seq);
    if (send?.installationId === event.installationId) return;
    const again = this.#seen(event);
    if (!mark) {
      const sender = this.#names.get(event.senderInboxId) ?? event.senderInboxId.slice(0, 6);
      const look = send ? "plain" : "foreign";
      return this.#mark(
        event,
        column,
        look,
        `${JSON.stringify(event.payload.text)} from ${sender}`,
        event.messageId,
      );
    }
    this.#arrow(event, column, mark, event.source === "gap" ? "gap" : again ? "duplicate" : "first");
  }

  /** An arrow from the send: level with it where nothing happened between. */
  #arrow(event: LedgerEvent, column: number, mark: SendMark, kind: Arrow["kind"]): void {
    const last = this.#rows.at(-1);
    const onSendRow =
      last?.kind === "send" &&
      last.about === String(mark.event.seq) &&
      !last.columns.has(column) &&
      event.at - last.at <= levelWithinMs;
    if (onSendRow) last.columns.add(column);
    const row = onSendRow
      ? this.#rows.length - 1
      : this.#row(event, "receipts", String(mark.event.seq), column);
    this.#arrows.push({ send: mark, column, row, kind, latencyMs: event.at - mark.event.at });
  }

  /** What the node saw at the port of an app or page. */
  #line(event: LineEvent, column: number): void {
    if (event.what === "registered") return this.#mark(event, column, "good", "registered", "");
    if (event.about === "welcome") return this.#mark(event, column, "plain", "welcome", event.sequenceId);
    if (event.what === "published") {
      const { contentType, payload } = this.#links.said(event);
      const said = { seq: event.seq, at: event.at, contentType, payload };
      const row = this.#row(event, "send", String(event.seq), column);
      this.#sends.set(event.seq, { event: { ...said, automatic: false, outcome: "ok" }, column, row });
      return;
    }
    const source = this.#links.sourceOf(event);
    const mark = source === undefined ? undefined : this.#sends.get(source);
    if (mark) this.#arrow(event, column, mark, "first");
    else this.#mark(event, column, "plain", "a message", event.sequenceId);
  }

  /** True when this installation's stream had delivered the message, or its twin under another id, before. */
  #seen(event: ReceiveEvent): boolean {
    const key = `${event.installationId} ${event.messageId}`;
    const seen = this.#received.has(key);
    this.#received.add(key);
    return seen;
  }

  #stream(event: StreamEvent, column: number): void {
    const row = this.#row(event, "stream", event.state, column);
    const bad = event.state === "lost" || event.state === "retry" || event.state === "failed";
    const count = event.state === "retry" && event.count !== undefined ? ` ${event.count}` : "";
    const previous = this.#marks.at(-1);
    const label =
      event.state === "gap_filled" ? `+${event.count ?? 0} from database` : `${event.state}${count}`;
    if (previous?.row !== row || previous.column !== column)
      this.#marks.push({
        column,
        row,
        look: bad ? "bad" : event.state === "ended" ? "plain" : "good",
        label,
      });
    this.#streamState(event, column, row);
  }

  #streamState(event: StreamEvent, column: number, row: number): void {
    const types = this.#streams.get(column) ?? new Map<string, string>();
    this.#streams.set(column, types);
    if (event.state !== "gap_filled") types.set(event.streamType, event.state);
    const state = barState([...types.values()]);
    const open = this.#openBars.get(column);
    if (open?.state === state) return;
    if (open) this.#bars.push({ column, ...open, to: row });
    if (state) this.#openBars.set(column, { state, from: row });
    else this.#openBars.delete(column);
  }

  #fault(event: FaultEvent): void {
    // A fault has a row of its own: its band begins or ends there, with the label beside it.
    this.#rows.push({ at: event.at, kind: "fault", about: event.faultId, hidden: 0, columns: new Set() });
    this.#faultState(event, this.#rows.length - 1);
  }

  #faultState(event: FaultEvent, row: number): void {
    const open = this.#openFaults.get(event.faultId);
    if (event.state === "applied") this.#openFaults.set(event.faultId, { event, from: row });
    if ((event.state === "lifted" || event.state === "not_effective") && open) {
      this.#openFaults.delete(event.faultId);
      this.#band(open.event, open.from, row, event.state === "lifted" ? "" : " (not effective)");
    }
  }

  #band(event: FaultEvent, from: number, to: number | undefined, suffix = ""): void {
    const columns = event.targets.flatMap((name) => this.#place.get(name) ?? []).sort((a, b) => a - b);
    const label = [event.fault, event.detail].filter((part) => part !== "").join(": ") + suffix;
    this.#bands.push({ columns, from, to, label });
  }

  #mark(event: LedgerEvent, column: number, look: Mark["look"], label: string, about: string): void {
    this.#marks.push({ column, row: this.#row(event, event.kind, about, column), look, label });
  }
}

function barState(states: readonly string[]): BarState | undefined {
  if (states.some((state) => state === "lost" || state === "retry")) return "lost";
  if (states.some((state) => state === "live" || state === "restart")) return "live";
  return states.includes("failed") ? "failed" : undefined;
}

function lifecycleLook(event: LifecycleEvent): Mark["look"] {
  if (event.state === "error" || event.state === "offline" || event.state === "exited") return "bad";
  return event.state === "online" || event.state === "ready" ? "good" : "plain";
}

function lifecycleLabel(event: LifecycleEvent): string {
  if (event.state === "note") return event.detail;
  const detail =
    (event.state === "error" || event.state === "exited") && event.detail !== "" ? `: ${event.detail}` : "";
  return event.state.replace("_", " ") + detail;
}

function updateLabel(event: ReceiveEvent, names: ReadonlyMap<string, string>): string {
  const name = (inboxId: string): string => names.get(inboxId) ?? inboxId.slice(0, 6);
  const { addedInboxIds = [], removedInboxIds = [], leftInboxIds = [], fields = [] } = event.update ?? {};
  const parts = [
    ...(addedInboxIds.length > 0 ? [`+ ${addedInboxIds.map(name).join(", ")}`] : []),
    ...[...removedInboxIds, ...leftInboxIds].map((inboxId) => `− ${name(inboxId)}`),
    ...fields.map((change) => `${change.field.replace("group_", "")} = ${JSON.stringify(change.newValue)}`),
  ];
  return parts.join("; ") || "group updated";
}
