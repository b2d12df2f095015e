import { XmtpTestError } from "../../errors.js";
import type {
  DelayOptions,
  DeliveryFaultKind,
  DeliveryFaultOptions,
  FaultOptions,
  FaultScope,
} from "../faults/faults.js";
import { Code, statusName } from "../grpc/status.js";
import type { StatusCode } from "../grpc/status.js";
import type { SubscriptionFilter } from "../types.js";
import { NetworkFault } from "./network-fault.js";
import type { FaultControl } from "./network-fault.js";
import type { NodeMethod } from "./node-method.js";
import { StreamFault } from "./stream-fault.js";

/** How long a fault waits for calls. Default: until it is removed. */
export interface FaultWindow {
  /** The number of calls or deliveries. */
  readonly times?: number;
  /** ms from now. */
  readonly forMs?: number;
}

/** Which streams of all clients. Default: all. */
interface StreamsOfAll {
  readonly stream?: "group" | "welcome";
}

/** Longer than any test. */
const untilLiftedMs = 3_600_000;

/**
 * Faults for every client of the node, by the verbs and defaults that `chaos.node` has for single ones. A fault lasts
 * until it is removed, unless `times` or `forMs` limit it.
 */
export abstract class NetworkVerbs implements FaultControl {
  readonly #armed = new Set<NetworkFault>();
  readonly #muting = new Set<NetworkFault>();

  abstract failNext(method: NodeMethod, options: FaultOptions): Promise<number>;
  abstract delayNext(method: NodeMethod, options: DelayOptions): Promise<number>;
  abstract disturbDeliveries(kind: DeliveryFaultKind, options?: DeliveryFaultOptions): Promise<number>;
  abstract endStreams(
    code: StatusCode,
    message?: string,
    which?: SubscriptionFilter,
  ): Promise<readonly number[]>;
  abstract liftFault(id: number): Promise<number>;
  abstract onFaultTaken(listener: (id: number, taken: number) => void): () => void;

  /**
   * Calls of a method fail, and nothing is stored.
   *
   * @param method for example "SendGroupMessages"
   * @param how `code`, default `"UNAVAILABLE"` (14); `message`, default "injected fault"
   * @throws XmtpTestError `BAD_METHOD` with the known names, `BAD_FAULT`
   */
  failCalls(method: NodeMethod, how: FaultWindow & Partial<FaultOptions> = {}): Promise<NetworkFault> {
    return this.#arm(`failCalls ${method}`, () =>
      this.failNext(method, { code: Code.UNAVAILABLE, ...scope(how) }),
    );
  }

  /** Calls of a method are done, but answered with a failure: their acknowledgement is lost. */
  loseReplies(method: NodeMethod, how: FaultWindow & Partial<FaultOptions> = {}): Promise<NetworkFault> {
    return this.#arm(`loseReplies ${method}`, () =>
      this.failNext(method, { code: Code.UNAVAILABLE, ...scope(how), afterStore: true }),
    );
  }

  /** Calls of a method wait this many ms before the node handles them, or until the fault is removed. */
  delayCalls(method: NodeMethod, how: number | DelayOptions): Promise<NetworkFault> {
    const options = typeof how === "number" ? { ms: how } : how;
    return this.#arm(`delayCalls ${method}`, () => this.delayNext(method, scope(options)));
  }

  /** Messages are delivered twice on streams; the node stores them once. */
  duplicateDeliveries(how: DeliveryFaultOptions = {}): Promise<NetworkFault> {
    return this.#arm("duplicateDeliveries", () => this.disturbDeliveries("duplicate", scope(how)));
  }

  /** A message is overtaken by the next one of its conversation. */
  reorderDeliveries(how: DeliveryFaultOptions = {}): Promise<NetworkFault> {
    return this.#arm("reorderDeliveries", () => this.disturbDeliveries("reorder", scope(how)));
  }

  /** Messages are never delivered on streams, though a sync finds them. */
  loseDeliveries(how: DeliveryFaultOptions = {}): Promise<NetworkFault> {
    return this.#arm("loseDeliveries", () => this.disturbDeliveries("lose", scope(how)));
  }

  /**
   * Ends open streams now. There is nothing to remove afterwards; `hits()` says how many were open.
   *
   * @param how `stream`, default all; `code`, default `"UNAVAILABLE"` (14), `"OK"` (0) is a plain end
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` when none is open
   */
  dropStreams(how: StreamsOfAll & { readonly code?: StatusCode } = {}): Promise<NetworkFault> {
    const { stream, code = Code.UNAVAILABLE } = how;
    return this.#hitStreams(
      "dropStreams",
      `end with ${statusName(code)}`,
      stream,
      (which) => this.endStreams(code, "stream dropped by the test", which),
      () => Promise.resolve(),
    );
  }

  /**
   * Open streams stay open but deliver nothing more. When the fault is removed they end with UNAVAILABLE, and SDKs
   * subscribe again.
   *
   * @param how `stream`, default all. With `kind`, `client` or `ids`, the former spelling, they are only muted
   * @returns the fault; in the former spelling, the ids of the streams it hit
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` when none is open; not in the former spelling
   */
  muteStreams(how?: StreamsOfAll): Promise<NetworkFault>;
  muteStreams(which: SubscriptionFilter): Promise<readonly number[]>;
  muteStreams(how: StreamsOfAll & SubscriptionFilter = {}): Promise<NetworkFault | readonly number[]> {
    if (["kind", "client", "ids"].some((key) => key in how)) return this.mute(how);
    return this.#muted("muteStreams", how.stream);
  }

  /**
   * Cuts between nodes, as clients see it who are each at a node of their own: nobody's streams hear anything, while
   * queries and syncs still work. It is removed like {@link muteStreams}.
   *
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` when no stream is open
   */
  isolate(): Promise<NetworkFault> {
    return this.#muted("isolate", undefined);
  }

  /** Takes back all faults. */
  async clearFaults(): Promise<void> {
    for (const fault of this.#armed) fault.forget();
    this.#armed.clear();
    const muted = [...this.#muting];
    this.#muting.clear();
    await Promise.all(muted.map((fault) => fault.lift()));
    await this.clearArmed();
  }

  /** Takes back the faults that the node holds. @internal */
  protected abstract clearArmed(): Promise<void>;

  /** Leaves streams open and silent. @returns the ids of those it hit. @internal */
  protected abstract mute(which: SubscriptionFilter): Promise<readonly number[]>;

  async #muted(verb: string, stream: StreamsOfAll["stream"]): Promise<NetworkFault> {
    const fault = await this.#hitStreams(
      verb,
      "fall silent",
      stream,
      (which) => this.mute(which),
      (ids) => this.endStreams(Code.UNAVAILABLE, "muted stream ended", { ids }),
    );
    this.#muting.add(fault);
    return fault;
  }

  async #hitStreams(
    verb: string,
    what: string,
    stream: StreamsOfAll["stream"],
    hit: (which: SubscriptionFilter) => Promise<readonly number[]>,
    undo: (ids: readonly number[]) => Promise<unknown>,
  ): Promise<NetworkFault> {
    const control = new StreamFault(undo);
    const ids = await hit(stream === undefined ? {} : { kind: stream });
    if (ids.length > 0) return await NetworkFault.arm(verb, control, () => Promise.resolve(control.hit(ids)));
    throw new XmtpTestError(
      "FAULT_NOT_EFFECTIVE",
      `No ${stream === undefined ? "" : `${stream} `}stream was open that could ${what}.`,
      "Start a stream first; startStream resolves once the node has it.",
    );
  }

  async #arm(what: string, arm: () => Promise<number>): Promise<NetworkFault> {
    const fault = await NetworkFault.arm(what, this, arm);
    this.#armed.add(fault);
    return fault;
  }
}

function scope<O extends FaultScope>(options: O): O {
  const open = options.times === undefined && options.forMs === undefined;
  return open ? { ...options, forMs: untilLiftedMs } : options;
}
