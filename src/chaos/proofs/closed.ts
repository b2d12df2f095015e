import { ProbeConnection, probe } from "../probe/connection.js";
import type { Place } from "../probe/connection.js";
import { answerMs, exchangeText, msText, openAnswered } from "./proof.js";
import type { Finding, Proof } from "./proof.js";

/** How long the server may take to close what it was told to close, ms. */
const closeMs = 2_000;

/** Connections from before are closed, and new ones refused (or closed without a byte, behind Docker's own proxy). */
export class RefusedProof implements Proof {
  #old: ProbeConnection | undefined;

  async before(place: Place): Promise<void> {
    const opened = await ProbeConnection.open(place, answerMs);
    // A line that is refused already stays so: nothing to compare, and nothing that could hide the cut.
    this.#old = typeof opened === "string" ? undefined : opened;
  }

  async during(place: Place): Promise<Finding> {
    const oldClosed = this.#old === undefined || (await this.#old.closed(closeMs));
    const fresh = await probe(place, {}, closeMs);
    const effective = oldClosed && fresh.how === "closed";
    return {
      effective,
      text: `older connection ${oldClosed ? "closed" : "still open"}, new one ${exchangeText(fresh)}`,
    };
  }

  end(): void {
    this.#old?.destroy();
  }
}

/** A connection is closed by its first byte, one from before the fault too. */
export class ResetProof implements Proof {
  readonly #afterMs: number;
  #old: ProbeConnection | undefined;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  async before(place: Place): Promise<void> {
    this.#old = await openAnswered(place);
  }

  async during(place: Place): Promise<Finding> {
    const deadline = closeMs + this.#afterMs;
    const [old, fresh] = await Promise.all([this.#old?.exchange({}, deadline), probe(place, {}, deadline)]);
    const inTime = fresh.ms >= this.#afterMs - 2;
    return {
      effective: old?.how === "closed" && fresh.how === "closed" && inTime,
      text: `older connection ${old ? exchangeText(old) : "absent"}, new one ${exchangeText(fresh)}, ${msText(this.#afterMs)} asked`,
    };
  }

  end(): void {
    this.#old?.destroy();
  }
}
