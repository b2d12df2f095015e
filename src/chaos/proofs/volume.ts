import { ProbeConnection } from "../probe/connection.js";
import type { Exchange, Place, Volume } from "../probe/connection.js";
import { SETTINGS_BYTES } from "../probe/frames.js";
import { answerMs, exchangeText, msText, openAnswered, quietest } from "./proof.js";
import type { Finding, LinePlace, Proof } from "./proof.js";

/** Answers asked for at once; HTTP/2 servers take more than 1,000 waiting ones for an attack. */
const maxAnswers = 500;

/** Moves `bytes` in one direction, in as many exchanges as it takes. */
async function move(
  connection: ProbeConnection,
  stream: "upstream" | "downstream",
  bytes: number,
  timeoutMs: number,
): Promise<Exchange> {
  if (stream === "upstream") return await connection.exchange({ upBytes: bytes }, timeoutMs);
  let ms = 0;
  for (let left = Math.ceil(bytes / SETTINGS_BYTES); left > 0; left -= maxAnswers) {
    const volume: Volume = { answers: Math.min(left, maxAnswers) };
    const part = await connection.exchange(volume, Math.max(1, timeoutMs - ms));
    ms += part.ms;
    if (part.how !== "answered") return { ...part, ms };
  }
  return { how: "answered", ms, code: "" };
}

/** The same number of bytes takes longer than before: a slow or sliced line. */
export class VolumeProof implements Proof {
  readonly #stream: "upstream" | "downstream";
  readonly #bytes: number;
  readonly #expectedMs: number;
  #beforeMs = 0;

  constructor(stream: "upstream" | "downstream", bytes: number, expectedMs: number) {
    this.#stream = stream;
    this.#bytes = bytes;
    this.#expectedMs = expectedMs;
  }

  async before(place: Place): Promise<void> {
    this.#beforeMs = await quietest(place, this.#expectedMs / 4, (connection) =>
      move(connection, this.#stream, this.#bytes, answerMs),
    );
  }

  async during(place: Place): Promise<Finding> {
    const connection = await openAnswered(place);
    const found = await move(connection, this.#stream, this.#bytes, answerMs + 4 * this.#expectedMs);
    connection.destroy();
    const leastMs = Math.max(0.8 * this.#expectedMs, this.#beforeMs + this.#expectedMs / 4);
    return {
      effective: found.how === "answered" && found.ms >= leastMs,
      text: `${this.#bytes} bytes ${this.#stream} ${exchangeText(found)}, ${msText(this.#beforeMs)} before, at least ${msText(leastMs)} expected`,
    };
  }

  end(): void {
    // Holds no connection.
  }
}

/** A connection is closed after that many bytes, not before. */
export class LimitProof implements Proof {
  readonly #stream: "upstream" | "downstream";
  readonly #bytes: number;

  constructor(stream: "upstream" | "downstream", bytes: number) {
    this.#stream = stream;
    this.#bytes = bytes;
  }

  async before(place: Place): Promise<void> {
    (await openAnswered(place)).destroy();
  }

  async during(place: Place): Promise<Finding> {
    const opened = await ProbeConnection.open(place, answerMs);
    if (typeof opened === "string") return { effective: false, text: `a new connection failed (${opened})` };
    try {
      const found = await move(opened, this.#stream, this.#bytes + 1_000, answerMs);
      const closed = found.how === "closed";
      const exact = this.#stream === "upstream" || opened.received <= this.#bytes;
      return {
        effective: closed && exact,
        text: `${exchangeText(found)}, ${opened.received} bytes received, limit ${this.#bytes} bytes ${this.#stream}`,
      };
    } finally {
      opened.destroy();
    }
  }

  end(): void {
    // Holds no connection.
  }
}

/** Several proofs of one fault, one after the other: each direction has its own. */
export class AllProofs implements Proof {
  readonly #proofs: readonly Proof[];

  constructor(proofs: readonly Proof[]) {
    this.#proofs = proofs;
  }

  async before(place: LinePlace): Promise<void> {
    for (const proof of this.#proofs) await proof.before(place);
  }

  async during(place: LinePlace): Promise<Finding> {
    const findings: Finding[] = [];
    for (const proof of this.#proofs) findings.push(await proof.during(place));
    return {
      effective: findings.every(({ effective }) => effective),
      text: findings.map(({ text }) => text).join("; "),
    };
  }

  end(): void {
    for (const proof of this.#proofs) proof.end();
  }
}
