import type {
  DelayOptions,
  DeliveryFaultKind,
  DeliveryFaultOptions,
  FaultOptions,
  FaultScope,
  NodeFaultInfo,
} from "./faults.js";
import type { Interception } from "../grpc/incoming-call.js";
import { StatusError, statusName } from "../grpc/status.js";
import { shortName } from "./method-names.js";
import type { DeliveryFate, DeliveryTap } from "../store/delivery-tap.js";

type Effect =
  | {
      readonly kind: "fail";
      readonly path: string;
      readonly status: StatusError;
      readonly afterStore: boolean;
    }
  | { readonly kind: "delay"; readonly path: string; readonly ms: number }
  | { readonly kind: DeliveryFaultKind; readonly stream: "group" | "welcome" };

interface Armed {
  readonly id: number;
  readonly effect: Effect;
  readonly client: string | undefined;
  readonly untilMs: number;
  left: number;
  taken: number;
  /** Lets go what it holds back: calls and deliveries. */
  readonly held: Set<() => void>;
}

/**
 * Faults waiting for calls and deliveries, each with a count of those it met. SDKs retry any status about six times
 * within 2 s (measured), so a fault can meet several. It stays, spent, until it is lifted: the count is its proof.
 */
export class ArmedFaults implements DeliveryTap {
  readonly #armed = new Map<number, Armed>();
  readonly #clientOf: (peer: string) => string | undefined;
  readonly #onTaken: (id: number, taken: number) => void;
  #nextId = 1;

  /** @param onTaken told each time a fault has met a call or delivery, with the count so far */
  constructor(
    clientOf: (peer: string) => string | undefined,
    onTaken: (id: number, taken: number) => void = () => undefined,
  ) {
    this.#clientOf = clientOf;
    this.#onTaken = onTaken;
  }

  fail(
    path: string,
    {
      code,
      message = "injected fault",
      afterStore = false,
      ...scope
    }: FaultOptions & { readonly code: number },
  ): number {
    return this.#arm({ kind: "fail", path, status: new StatusError(code, message), afterStore }, scope);
  }

  delay(path: string, { ms, ...scope }: DelayOptions): number {
    return this.#arm({ kind: "delay", path, ms }, scope);
  }

  delivery(kind: DeliveryFaultKind, { stream = "group", ...scope }: DeliveryFaultOptions): number {
    return this.#arm({ kind, stream }, scope);
  }

  list(): NodeFaultInfo[] {
    return Array.from(this.#armed.values(), (fault) => ({
      id: fault.id,
      what: describe(fault.effect),
      ...(fault.client !== undefined && { client: fault.client }),
      taken: fault.taken,
      spent: spent(fault),
    }));
  }

  /** Takes a fault back; what it holds goes on. @returns how many it has met */
  lift(id: number): number {
    const fault = this.#armed.get(id);
    this.#armed.delete(id);
    for (const release of fault?.held ?? []) release();
    return fault?.taken ?? 0;
  }

  clear(): void {
    for (const id of [...this.#armed.keys()]) this.lift(id);
  }

  /** What hits this call, if anything: the oldest delay and the oldest failure that wait for it. */
  takeCall(path: string, peer: string): Interception | undefined {
    if (this.#armed.size === 0) return undefined;
    const delay = this.#find(peer, (effect) => effect.kind === "delay" && effect.path === path);
    const fail = this.#find(peer, (effect) => effect.kind === "fail" && effect.path === path);
    if (!delay && !fail) return undefined;
    for (const fault of [delay, fail]) if (fault) this.#meet(fault);
    const failure = fail?.effect.kind === "fail" ? fail.effect : undefined;
    return {
      ...(failure && { status: failure.status }),
      afterStore: failure?.afterStore ?? false,
      ...(delay?.effect.kind === "delay" && { hold: holder(delay, delay.effect.ms) }),
    };
  }

  takeDelivery(stream: "group" | "welcome", peer: string): DeliveryFate | undefined {
    if (this.#armed.size === 0) return undefined;
    const fault = this.#find(peer, (effect) => "stream" in effect && effect.stream === stream);
    if (!fault) return undefined;
    switch (fault.effect.kind) {
      case "reorder":
        // It counts once the delivery has been overtaken; until then it is only held.
        fault.left--;
        return {
          kind: "hold",
          held: (release) => fault.held.add(release),
          done: (release, overtaken) => {
            fault.held.delete(release);
            if (overtaken) this.#count(fault);
          },
        };
      case "duplicate":
      case "lose":
        this.#meet(fault);
        return { kind: fault.effect.kind };
      default:
        return undefined;
    }
  }

  #arm(effect: Effect, { client, times, forMs }: FaultScope): number {
    const id = this.#nextId++;
    this.#armed.set(id, {
      id,
      effect,
      client,
      left: times ?? (forMs === undefined ? 1 : Infinity),
      untilMs: forMs === undefined ? Infinity : performance.now() + forMs,
      taken: 0,
      held: new Set(),
    });
    return id;
  }

  #find(peer: string, fits: (effect: Effect) => boolean): Armed | undefined {
    for (const fault of this.#armed.values()) {
      if (spent(fault) || !fits(fault.effect)) continue;
      if (fault.client === undefined || fault.client === this.#clientOf(peer)) return fault;
    }
    return undefined;
  }

  #meet(fault: Armed): void {
    fault.left--;
    this.#count(fault);
  }

  #count(fault: Armed): void {
    fault.taken++;
    this.#onTaken(fault.id, fault.taken);
  }
}

/** Holds a call for that many ms, or until the fault is lifted. */
function holder({ held }: Armed, ms: number): (go: () => void) => () => void {
  return (go) => {
    const end = (): void => {
      clearTimeout(timer);
      held.delete(release);
    };
    const release = (): void => {
      end();
      go();
    };
    const timer = setTimeout(release, ms);
    held.add(release);
    return end;
  };
}

function spent({ left, untilMs }: Armed): boolean {
  return left <= 0 || performance.now() >= untilMs;
}

function describe(effect: Effect): string {
  switch (effect.kind) {
    case "fail": {
      const { path, status, afterStore } = effect;
      return `${afterStore ? "lose the reply of" : "fail"} ${shortName(path)} with ${statusName(status.code)}`;
    }
    case "delay":
      return `delay ${shortName(effect.path)} by ${effect.ms} ms`;
    default:
      return `${effect.kind} ${effect.stream} deliveries`;
  }
}
