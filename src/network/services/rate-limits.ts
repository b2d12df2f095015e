import { XmtpTestError } from "../../errors.js";
import { Code, StatusError } from "../grpc/status.js";

/** Rate limits of the node; the defaults are the real node's (xmtp-node-go, `--api.authn.ratelimits`). */
export interface RateLimitOptions {
  /** Tokens of a full bucket for queries, streams and the like. Default 20,000. */
  readonly defaultTokens?: number;
  /** Tokens that bucket gains per whole minute of silence. Default 4,000. */
  readonly defaultPerMinute?: number;
  /** Tokens of a full bucket for whatever publishes. Default 3,000. */
  readonly publishTokens?: number;
  /** Default 600. */
  readonly publishPerMinute?: number;
  /** Addresses with priority: twice the default limits, four times the publish ones. Default none. */
  readonly priorityIps?: readonly string[];
}

/**
 * The options as the node takes them; undefined: no limits.
 *
 * @throws XmtpTestError `INVALID_OPTION` for a number that is not a count
 */
export function checkRateLimits(given: boolean | RateLimitOptions): RateLimitOptions | undefined {
  if (typeof given === "boolean") return given ? {} : undefined;
  for (const [name, value] of Object.entries(given)) {
    if (name === "priorityIps" || (Number.isSafeInteger(value) && Number(value) >= 0)) continue;
    throw new XmtpTestError(
      "INVALID_OPTION",
      `rateLimits.${name} is ${JSON.stringify(value)}.`,
      "Give a whole number, 0 or more.",
    );
  }
  return given;
}

/** Which bucket a call draws from. */
export type Bucket = "DEF" | "PUB";

interface Entry {
  tokens: number;
  lastCallMs: number;
}

const PRIORITY: Readonly<Record<Bucket, number>> = { DEF: 2, PUB: 4 };
const MAX_COST = 0xffff;
const MINUTE_MS = 60_000;
const EXPIRES_MS = 60 * MINUTE_MS;
const SWEEP_MS = 10 * MINUTE_MS;

/**
 * Two token buckets per client address, as the real node keeps them.
 *
 * Its quirk is kept too: whole minutes since the last call are credited, and every call, refused ones included, moves
 * "the last call"; so a client that calls more than once a minute gains nothing, and only a pause of 60 s refills.
 */
export class RateLimiter {
  readonly #limits: Readonly<Record<Bucket, { readonly tokens: number; readonly perMinute: number }>>;
  readonly #priority: ReadonlySet<string>;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, Entry>();
  #sweptMs: number;

  /** @param nowMs a clock in ms; only differences count */
  constructor(options: RateLimitOptions, nowMs: () => number) {
    this.#limits = {
      DEF: { tokens: options.defaultTokens ?? 20_000, perMinute: options.defaultPerMinute ?? 4_000 },
      PUB: { tokens: options.publishTokens ?? 3_000, perMinute: options.publishPerMinute ?? 600 },
    };
    this.#priority = new Set(options.priorityIps);
    this.#nowMs = nowMs;
    this.#sweptMs = nowMs();
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * @param units what the call costs; the real node counts in 16 bits, so 65,536 are 0
   * @throws StatusError RESOURCE_EXHAUSTED, and nothing is spent
   */
  spend(bucket: Bucket, ip: string, units: number): void {
    const cost = units & MAX_COST;
    const nowMs = this.#nowMs();
    this.#sweep(nowMs);
    const priority = this.#priority.has(ip);
    const factor = priority ? PRIORITY[bucket] : 1;
    const { tokens, perMinute } = this.#limits[bucket];
    const name = `${priority ? "P" : "R"}${ip}${bucket}`;
    const entry = this.#entries.get(name) ?? { tokens: tokens * factor, lastCallMs: nowMs };
    this.#entries.set(name, entry);
    const minutes = Math.floor((nowMs - entry.lastCallMs) / MINUTE_MS);
    entry.tokens = Math.min(tokens * factor, entry.tokens + minutes * perMinute * factor);
    entry.lastCallMs = nowMs;
    if (entry.tokens < cost) {
      throw new StatusError(Code.RESOURCE_EXHAUSTED, `${cost} exceeds rate limit ${name}`);
    }
    entry.tokens -= cost;
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = nowMs;
    for (const [name, { lastCallMs }] of this.#entries) {
      if (nowMs - lastCallMs >= EXPIRES_MS) this.#entries.delete(name);
    }
  }
}
