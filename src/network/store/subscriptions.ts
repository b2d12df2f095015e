import type { StatusError } from "../grpc/status.js";

/** An open server stream, for whoever counts or ends them. */
export interface SubscriptionInfo {
  readonly id: number;
  /** What it streams; "topics" for streams that may mix groups, welcomes and more. */
  readonly kind: "group" | "welcome" | "topics";
  /** How many groups, installations or topics it follows now. */
  readonly filters: number;
  /** `address:port` of the client. */
  readonly peer: string;
  /** Whose it is, where the client has a port of its own at the node. */
  readonly client?: string;
  /** Unix milliseconds. */
  readonly openedAtMs: number;
}

interface Open {
  readonly info: Omit<SubscriptionInfo, "filters">;
  readonly filters: () => number;
  readonly end: (status: StatusError) => void;
  readonly mute: (() => void) | undefined;
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
    return Array.from(this.#open.values(), ({ info, filters }) => ({ ...info, filters: filters() }));
  }

  /**
   * @param filters a function where the number changes while the stream is open
   * @param mute leaves the stream open and silent, for good; undefined where that cannot be done
   * @returns a function to call when the stream is over
   */
  add(
    {
      filters,
      ...info
    }: Pick<SubscriptionInfo, "kind" | "peer"> & { readonly filters: number | (() => number) },
    end: (status: StatusError) => void,
    mute?: () => void,
  ): () => void {
    const id = this.#nextId++;
    const count = typeof filters === "number" ? () => filters : filters;
    this.#open.set(id, { info: { ...info, id, openedAtMs: Date.now() }, filters: count, end, mute });
    return () => {
      this.#open.delete(id);
      for (const check of this.#waiting) check();
    };
  }

  /** Ends those that fit (default all). @returns their ids */
  end(status: StatusError, fits: (info: Open["info"]) => boolean = () => true): number[] {
    const hit = [...this.#open.values()].filter(({ info }) => fits(info));
    for (const { end } of hit) end(status);
    return hit.map(({ info }) => info.id);
  }

  /** Silences those that fit. @returns their ids */
  mute(fits: (info: Open["info"]) => boolean): number[] {
    const hit = [...this.#open.values()].filter(({ info, mute }) => mute !== undefined && fits(info));
    for (const { mute } of hit) mute?.();
    return hit.map(({ info }) => info.id);
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
