import type { StatusError } from "../grpc/status.js";

/** An open server stream, for whoever counts or ends them. */
export interface SubscriptionInfo {
  readonly id: number;
  readonly kind: "group" | "welcome";
  /** How many groups or installations it asked for. */
  readonly filters: number;
  /** `address:port` of the client. */
  readonly peer: string;
  /** Unix milliseconds. */
  readonly openedAtMs: number;
}

interface Open {
  readonly info: SubscriptionInfo;
  readonly end: (status: StatusError) => void;
}

/** All open subscriptions of the node. */
export class Subscriptions {
  readonly #open = new Map<number, Open>();
  readonly #waiting = new Set<() => void>();
  #nextId = 1;

  get size(): number {
    return this.#open.size;
  }

  list(): SubscriptionInfo[] {
    return Array.from(this.#open.values(), ({ info }) => info);
  }

  /** @returns a function to call when the stream is over */
  add(info: Omit<SubscriptionInfo, "id" | "openedAtMs">, end: (status: StatusError) => void): () => void {
    const id = this.#nextId++;
    this.#open.set(id, { info: { ...info, id, openedAtMs: Date.now() }, end });
    return () => {
      this.#open.delete(id);
      for (const check of this.#waiting) check();
    };
  }

  endAll(status: StatusError): void {
    for (const { end } of this.#open.values()) end(status);
  }

  /** Resolves true once at most `n` are open, false at the deadline. */
  async waitForAtMost(n: number, timeoutMs: number): Promise<boolean> {
    if (this.#open.size <= n) return true;
    return new Promise((resolve) => {
      const done = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(reached);
      };
      const check = (): void => {
        if (this.#open.size <= n) done(true);
      };
      const timer = setTimeout(() => done(false), timeoutMs);
      this.#waiting.add(check);
    });
  }
}
