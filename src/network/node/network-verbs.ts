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

/** How long a fault waits for calls. Default: until it is removed. */
export interface FaultWindow {
  /** The number of calls or deliveries. */
  readonly times?: number;
  /** ms from now. */
  readonly forMs?: number;
}

/** Longer than any test. */
const untilLiftedMs = 3_600_000;

/**
 * Faults for every client of the node, by the verbs and defaults that `chaos.node` has for single ones. A fault lasts
 * until it is removed, unless `times` or `forMs` limit it.
 */
export abstract class NetworkVerbs implements FaultControl {
  readonly #armed = new Set<NetworkFault>();

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
   * Ends open streams now.
   *
   * @param how `stream`, default all; `code`, default `"UNAVAILABLE"` (14), `"OK"` (0) is a plain end
   * @returns how many were open
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` when none is open
   */
  async dropStreams(
    how: { readonly stream?: "group" | "welcome"; readonly code?: StatusCode } = {},
  ): Promise<number> {
    const { stream, code = Code.UNAVAILABLE } = how;
    const which = stream === undefined ? {} : { kind: stream };
    const { length } = await this.endStreams(code, "stream dropped by the test", which);
    if (length > 0) return length;
    throw new XmtpTestError(
      "FAULT_NOT_EFFECTIVE",
      `No ${stream === undefined ? "" : `${stream} `}stream was open that could end with ${statusName(code)}.`,
      "Start a stream first; startStream resolves once the node has it.",
    );
  }

  /** Takes back all faults. */
  async clearFaults(): Promise<void> {
    for (const fault of this.#armed) fault.forget();
    this.#armed.clear();
    await this.clearArmed();
  }

  /** Takes back the faults that the node holds. @internal */
  protected abstract clearArmed(): Promise<void>;

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
