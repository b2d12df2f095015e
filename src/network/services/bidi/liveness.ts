import { Code, StatusError } from "../../grpc/status.js";

/**
 * Whether the client still reads. A Ping goes out when nothing was sent for an interval; its Pong, and nothing else,
 * stops the deadline that began with it. The client's requests do not count: they prove that it sends, not that it reads.
 */
export class Liveness {
  readonly #intervalMs: number;
  readonly #ping: (nonce: bigint) => void;
  readonly #expire: (status: StatusError) => void;
  #idle: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #nonce = 0n;

  constructor(intervalMs: number, ping: (nonce: bigint) => void, expire: (status: StatusError) => void) {
    this.#intervalMs = intervalMs;
    this.#ping = ping;
    this.#expire = expire;
    this.#idle = setTimeout(() => this.#challenge(), intervalMs);
  }

  /** Something was sent. */
  sent(): void {
    this.#idle?.refresh();
  }

  pong(nonce: bigint): void {
    if (nonce !== this.#nonce) return;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  /** For good: the stream is over, or the client can answer no more. */
  stop(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#deadline);
    this.#idle = undefined;
  }

  #challenge(): void {
    this.#idle?.refresh();
    if (this.#deadline !== undefined) return;
    this.#nonce += 1n;
    this.#deadline = setTimeout(
      () => this.#expire(new StatusError(Code.DEADLINE_EXCEEDED, "no Pong within deadline")),
      this.#intervalMs,
    );
    this.#ping(this.#nonce);
  }
}
