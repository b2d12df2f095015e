import { XmtpTestError } from "../../errors.js";
import { Code } from "../../network/index.js";
import type { FaultScope, NodeMethod, StatusCode } from "../../network/index.js";
import type { StepFunction } from "../../steps.js";
import type { FaultLedger } from "../injector.js";
import type { Lines } from "../lines/lines.js";
import { namesOf } from "../lines/targets.js";
import type { Targets } from "../lines/targets.js";
import { NodeFaultBoard } from "./board.js";
import type { ChaosNode } from "./chaos-node.js";
import type { NodeFault } from "./node-fault.js";
import type {
  DelayCallsOptions,
  DeliveriesOptions,
  DropStreamsOptions,
  FailCallsOptions,
  StreamsOptions,
  Window,
} from "./options.js";

export interface NodeChaosOptions {
  readonly node: ChaosNode | undefined;
  readonly lines: Lines;
  readonly ledger: FaultLedger;
  readonly step: StepFunction;
  readonly nextId: () => string;
  /** Runs a verb, so that its fault is not forgotten when the test ends during it. */
  readonly track: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What a node that is going away answers. */
const { UNAVAILABLE } = Code;
/** Longer than any test. */
const untilLiftedMs = 3_600_000;

/**
 * Faults inside the embedded node, for one RPC or one kind of stream. A client sends all its RPCs over one
 * connection, so no proxy can single one out.
 *
 * These faults wait for the parties to make calls, so a verb resolves when the fault is armed. A fault counts its
 * hits; one that has not hit each of its targets when it is removed (by `lift()`, `heal()`, or at the end of the
 * test) throws `FAULT_NOT_EFFECTIVE`.
 */
export class NodeChaos {
  readonly #options: NodeChaosOptions;
  readonly #board: NodeFaultBoard | undefined;

  /** @internal comes as `chaos.node` */
  constructor(options: NodeChaosOptions) {
    this.#options = options;
    this.#board = options.node && new NodeFaultBoard(options.node, options.ledger, options.nextId);
  }

  /** @internal */
  get active(): readonly NodeFault[] {
    return this.#board?.active ?? [];
  }

  /**
   * Calls of a method fail at once, and nothing is stored. SDKs retry about 6 times within 2 s.
   *
   * @param method for example "SendGroupMessages"
   */
  failCalls(targets: Targets, method: NodeMethod, how: FailCallsOptions = {}): Promise<NodeFault> {
    const { code = UNAVAILABLE, message, ...window } = how;
    const detail = `${method} with ${nameOf(code)}${windowText(window)}`;
    return this.#arm("failCalls", detail, "calls failed", targets, (node, client) =>
      node.failNext(method, { code, ...(message !== undefined && { message }), ...scope(window, client) }),
    );
  }

  /** Calls of a method are carried out, but answered with a failure: their acknowledgement is lost. */
  loseReplies(targets: Targets, method: NodeMethod, how: FailCallsOptions = {}): Promise<NodeFault> {
    const { code = UNAVAILABLE, message, ...window } = how;
    const detail = `of ${method}, ${nameOf(code)} instead${windowText(window)}`;
    const rest = { code, afterStore: true, ...(message !== undefined && { message }) };
    return this.#arm("loseReplies", detail, "replies lost", targets, (node, client) =>
      node.failNext(method, { ...rest, ...scope(window, client) }),
    );
  }

  /** Calls of a method wait this long before the node handles them, or until the fault is removed. */
  delayCalls(targets: Targets, method: NodeMethod, how: number | DelayCallsOptions): Promise<NodeFault> {
    const { ms, ...window } = typeof how === "number" ? { ms: how } : how;
    const detail = `${method} by ${ms} ms${windowText(window)}`;
    return this.#arm("delayCalls", detail, "calls delayed", targets, (node, client) =>
      node.delayNext(method, { ms, ...scope(window, client) }),
    );
  }

  /** Messages arrive twice on a party's streams; the node stores them once. */
  duplicateDeliveries(targets: Targets, how: DeliveriesOptions = {}): Promise<NodeFault> {
    return this.#disturb("duplicate", "duplicateDeliveries", "deliveries duplicated", targets, how);
  }

  /** A message is overtaken by the next one in its conversation; one that nothing overtakes is delivered when the fault is removed. */
  reorderDeliveries(targets: Targets, how: DeliveriesOptions = {}): Promise<NodeFault> {
    return this.#disturb("reorder", "reorderDeliveries", "deliveries overtaken", targets, how);
  }

  /**
   * Messages never arrive on a party's streams, though a sync finds them: a race of the real node, which loses a live
   * delivery when a lower id commits after a higher one of another group.
   */
  loseDeliveries(targets: Targets, how: DeliveriesOptions = {}): Promise<NodeFault> {
    return this.#disturb("lose", "loseDeliveries", "deliveries lost", targets, how);
  }

  /** Ends a party's open streams now. @throws XmtpTestError `FAULT_NOT_EFFECTIVE` if it has none */
  dropStreams(targets: Targets, { stream, code = UNAVAILABLE }: DropStreamsOptions = {}): Promise<NodeFault> {
    const detail = `${stream ?? "all"} streams end with ${nameOf(code)}`;
    return this.#now("dropStreams", detail, "streams ended", targets, (node, client) =>
      node.endStreams(code, "stream dropped by the test", filter(stream, client)),
    );
  }

  /**
   * A party's open streams stay open but deliver nothing more, so the SDK notices nothing. When the fault is removed
   * they end with UNAVAILABLE, and the SDK subscribes again.
   *
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` if it has none
   */
  muteStreams(targets: Targets, { stream }: StreamsOptions = {}): Promise<NodeFault> {
    return this.#mute("muteStreams", `${stream ?? "all"} streams stay open and silent`, targets, stream);
  }

  /**
   * A cut between nodes, as the parties behind it see it: their node hears nothing from the others. As with nodes of
   * xmtp-node-go, which share a database, queries and syncs still work, while streams stay open and deliver nothing.
   * It is removed like {@link muteStreams}. Name every worker that would be pinned to the node.
   *
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` if a party has no stream
   */
  isolate(targets: Targets): Promise<NodeFault> {
    return this.#mute("isolate", "their node hears nothing of the others", targets, undefined);
  }

  #mute(
    verb: string,
    detail: string,
    targets: Targets,
    stream: StreamsOptions["stream"],
  ): Promise<NodeFault> {
    return this.#now(
      verb,
      detail,
      "streams muted",
      targets,
      (node, client) => node.muteStreams(filter(stream, client)),
      async (node, ids) => {
        await node.endStreams(UNAVAILABLE, "muted stream ended", { ids });
      },
    );
  }

  #disturb(
    kind: "duplicate" | "reorder" | "lose",
    verb: string,
    unit: string,
    targets: Targets,
    { stream = "group", ...window }: DeliveriesOptions,
  ): Promise<NodeFault> {
    return this.#arm(verb, `${stream} streams${windowText(window)}`, unit, targets, (node, client) =>
      node.disturbDeliveries(kind, { stream, ...scope(window, client) }),
    );
  }

  #arm(
    verb: string,
    detail: string,
    unit: string,
    targets: Targets,
    arm: (node: ChaosNode, client: string) => Promise<number>,
  ): Promise<NodeFault> {
    return this.#step(verb, detail, targets, (board, names) => board.arm({ verb, detail, unit }, names, arm));
  }

  #now(
    verb: string,
    detail: string,
    unit: string,
    targets: Targets,
    act: (node: ChaosNode, client: string) => Promise<readonly number[]>,
    undo?: (node: ChaosNode, ids: readonly number[]) => Promise<void>,
  ): Promise<NodeFault> {
    return this.#step(verb, detail, targets, (board, names) =>
      board.actNow({ verb, detail, unit }, names, act, undo),
    );
  }

  #step(
    verb: string,
    detail: string,
    targets: Targets,
    body: (board: NodeFaultBoard, names: readonly string[]) => Promise<NodeFault>,
  ): Promise<NodeFault> {
    const names = namesOf(targets);
    const title = `chaos: ${verb} ${detail} on ${names.join(", ")}`;
    return this.#options.step(
      title,
      () => this.#options.track(() => body(this.#checked(verb, names), names)),
      { box: true },
    );
  }

  /** @throws XmtpTestError `NOT_EMBEDDED`, `CHAOS_TARGETS` */
  #checked(verb: string, names: readonly string[]): NodeFaultBoard {
    const strangers = names.filter((name) => !this.#options.lines.get(name).atNode);
    if (this.#board && strangers.length === 0) return this.#board;
    const urls = strangers.map((name) => {
      const { host, port } = this.#options.lines.get(name).node;
      return `${name} to ${host}:${port}`;
    });
    throw new XmtpTestError(
      "NOT_EMBEDDED",
      `"${verb}" is a fault inside the embedded node, but parties connect elsewhere (${urls.join(", ")}).`,
      "Unset XMTP_ENV and XMTP_API_URL for this test, or use a verb of `chaos` itself: those act on the connection.",
    );
  }
}

function scope(window: Window, client: string): FaultScope {
  const whole = window.times === undefined && window.forMs === undefined;
  return { client, ...(whole ? { forMs: untilLiftedMs } : window) };
}

function filter(stream: "group" | "welcome" | undefined, client: string) {
  return { client, ...(stream !== undefined && { kind: stream }) };
}

function nameOf(code: StatusCode): string {
  return typeof code === "number" ? (Code[code] ?? String(code)) : code;
}

function windowText({ times, forMs }: Window): string {
  return `${times === undefined ? "" : `, ${times} times`}${forMs === undefined ? "" : `, for ${forMs} ms`}`;
}
