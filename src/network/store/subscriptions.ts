import { after } from "../../async/timeout.js";
import type { StatusError } from "../grpc/status.js";

/** An open server stream, for whoever counts or ends them. */
export interface SubscriptionInfo {
  /** Counted from 1 since the node was made; never used twice. */
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

/** A subscription as it is handed in. */
type Added = Pick<SubscriptionInfo, "kind" | "peer"> & {
  readonly filters: number | (() => number);
  /** Whether a stream of topics brings messages of this kind now. Default: each does. */
  readonly carries?: (kind: "group" | "welcome") => boolean;
};

/** A subscription that opens or ends, and the messages it brings. */
export interface SubscriptionChange extends Pick<SubscriptionInfo, "kind" | "peer"> {
  readonly brings: readonly ("group" | "welcome")[];
}

interface Open {
  readonly info: Omit<SubscriptionInfo, "filters">;
  readonly carries: (kind: SubscriptionInfo["kind"]) => boolean;
  readonly filters: () => number;
  readonly end: (status: StatusError) => void;
  readonly mute: (() => void) | undefined;
}

/** Which subscriptions are meant; what is left out fits all. */
export interface Which {
  /** What it brings: a stream of topics brings groups, welcomes or both. */
  readonly kind?: SubscriptionInfo["kind"] | undefined;
  readonly peers?: ((peer: string) => boolean) | undefined;
  readonly ids?: readonly number[] | undefined;
}

/** All open subscriptions of the node. */
export class Subscriptions {
  readonly #open = new Map<number, Open>();
  readonly #waiting = new Set<() => void>();
  #nextId = 1;
  /** Told of each that opens or ends. */
  onChange: ((change: SubscriptionChange, open: boolean) => void) | undefined;

  get size(): number {
    return this.#open.size;
  }

  list(which: Which = {}): SubscriptionInfo[] {
    return [...this.#open.values()]
      .filter((open) => fits(open, which))
      .map(({ info, filters }) => ({ ...info, filters: filters() }));
  }

  /**
   * @param filters a function where the number changes while the stream is open
   * @param mute leaves the stream open and silent, for good; undefined where that cannot be done
   * @returns a function to call when the stream is over
   */
  add(
    { filters, carries = () => true, kind, peer }: Added,
    end: (status: StatusError) => void,
    mute?: () => void,
  ): () => void {
    const id = this.#nextId++;
    const open: Open = {
      info: { kind, peer, id, openedAtMs: Date.now() },
      carries: (asked) => asked === kind || (kind === "topics" && asked !== "topics" && carries(asked)),
      filters: typeof filters === "number" ? () => filters : filters,
      end,
      mute,
    };
    this.#open.set(id, open);
    const brings = (["group", "welcome"] as const).filter(open.carries);
    this.onChange?.({ kind, peer, brings }, true);
    return () => {
      if (!this.#open.delete(id)) return;
      this.onChange?.({ kind, peer, brings }, false);
      for (const check of this.#waiting) check();
    };
  }

  /** Ends those that fit (default all). @returns their ids */
  end(status: StatusError, which: Which = {}): number[] {
    const hit = [...this.#open.values()].filter((open) => fits(open, which));
    for (const { end } of hit) end(status);
    return hit.map(({ info }) => info.id);
  }

  /** Silences those that fit. @returns their ids */
  mute(which: Which): number[] {
    const hit = [...this.#open.values()].filter((open) => open.mute !== undefined && fits(open, which));
    for (const { mute } of hit) mute?.();
    return hit.map(({ info }) => info.id);
  }

  /** Resolves true once at most `n` are open, false at the deadline. */
  async waitForAtMost(n: number, timeoutMs: number, which: Which = {}): Promise<boolean> {
    const few = (): boolean => this.list(which).length <= n;
    if (few()) return true;
    return new Promise((resolve) => {
      const done = (reached: boolean): void => {
        stop();
        this.#waiting.delete(check);
        resolve(reached);
      };
      const check = (): void => {
        if (few()) done(true);
      };
      const stop = after(timeoutMs, () => done(false));
      this.#waiting.add(check);
    });
  }
}

function fits({ info, carries }: Open, { kind, peers, ids }: Which): boolean {
  return (
    (kind === undefined || carries(kind)) &&
    (peers === undefined || peers(info.peer)) &&
    (ids === undefined || ids.includes(info.id))
  );
}
