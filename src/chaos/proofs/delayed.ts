import { probe } from "../probe/connection.js";
import type { Place } from "../probe/connection.js";
import { exchangeText, msText, quietest } from "./proof.js";
import type { Finding, LinePlace, Proof } from "./proof.js";

/** A delay above this is not waited for: that the line has said nothing for so long shows it, ms. */
const patienceMs = 1_500;
/** Timers of servers may be early by 1 ms, in each direction. */
const earlyMs = 2;
/** What the rounds may take in all, ms. */
const roundsMs = 300;

/**
 * Each round trip takes the delay, and longer than before by it. Both are taken beside round trips straight
 * to the node at the same time, so that a busy machine, which slows both, neither hides a delay nor feigns one.
 */
export class DelayedProof implements Proof {
  readonly #expectedMs: number;
  #beforeMs = 0;

  /** @param expectedMs added to a round trip */
  constructor(expectedMs: number) {
    this.#expectedMs = expectedMs;
  }

  async before(place: LinePlace): Promise<void> {
    const enoughMs = this.#expectedMs / 4;
    const [through, straight] = await Promise.all([
      quietest(place, enoughMs),
      quietest(place.node, enoughMs),
    ]);
    this.#beforeMs = Math.max(0, through - straight);
  }

  async during(place: LinePlace): Promise<Finding> {
    const rounds = Math.max(1, Math.min(3, Math.floor(roundsMs / this.#expectedMs)));
    const deadline = Math.min(this.#expectedMs * 2 + 500, patienceMs) + this.#beforeMs;
    const look = (at: Place) => Promise.all(Array.from({ length: rounds }, () => probe(at, {}, deadline)));
    const [through, straight] = await Promise.all([look(place), look(place.node)]);
    const gone = through.find(({ how }) => how === "closed");
    if (gone) return { effective: false, text: `the line ${exchangeText(gone)}` };
    // The delay is under every round trip, whatever the noise above it.
    const throughMs = Math.min(...through.map(({ ms }) => ms));
    const straightMs = Math.min(...straight.map(({ ms }) => ms));
    const addedMs = throughMs - straightMs - this.#beforeMs;
    const leastMs = Math.min(this.#expectedMs, patienceMs - straightMs) / 4;
    const whole = throughMs >= Math.min(this.#expectedMs, patienceMs) - earlyMs;
    return {
      effective: whole && addedMs >= leastMs,
      text: `round trip ${msText(throughMs)}, ${msText(straightMs)} straight to the node, ${msText(addedMs)} more than before; ${msText(this.#expectedMs)} expected`,
    };
  }

  end(): void {
    // Holds no connection.
  }
}
