import type { ProbeConnection } from "../probe/connection.js";
import { middle, msText, openAnswered } from "./proof.js";
import type { Finding, LinePlace, Proof } from "./proof.js";

/** Draws whose median is judged. */
const draws = 11;
/** A delay above this is not waited for, ms. */
const patienceMs = 3_000;

/**
 * A round trip takes longer than before, by draws that reach down to nothing: the median of several is judged,
 * twice. For a delay of L ± L it is above L / 4 but once in a thousand times (binomial). Where the two disagree, a
 * third decides: a machine under load stands still while one of them is taken.
 *
 * Every median is taken beside one of round trips straight to the node at the same time, and only what it is
 * above that counts: the noise of a busy machine is in both.
 */
export class JitteredProof implements Proof {
  readonly #expectedMs: number;
  readonly #through: ProbeConnection[] = [];
  readonly #straight: ProbeConnection[] = [];
  #beforeMs = 0;

  /** @param expectedMs added to a round trip on average */
  constructor(expectedMs: number) {
    this.#expectedMs = expectedMs;
  }

  async before(place: LinePlace): Promise<void> {
    const open = (at: LinePlace["node"]) =>
      Promise.all(Array.from({ length: draws }, () => openAnswered(at)));
    const [through, straight] = await Promise.all([open(place), open(place.node)]);
    this.#through.push(...through);
    this.#straight.push(...straight);
    this.#beforeMs = await this.#excess();
  }

  async during(): Promise<Finding> {
    const leastMs = Math.min(this.#expectedMs, patienceMs) / 4;
    const look = async (): Promise<number> => (await this.#excess()) - this.#beforeMs;
    const added = [await look(), await look()];
    const shown = (): number => added.filter((ms) => ms >= leastMs).length;
    if (shown() === 1) added.push(await look());
    return {
      effective: shown() >= 2,
      text: `median round trips ${added.map(msText).join(" and ")} more than before, beside ones straight to the node; at least ${msText(leastMs)} expected`,
    };
  }

  end(): void {
    for (const connection of [...this.#through, ...this.#straight]) connection.destroy();
  }

  /** How much longer the median takes through the line than straight to the node, ms. */
  async #excess(): Promise<number> {
    const deadline = this.#beforeMs + Math.min(3 * this.#expectedMs + 500, patienceMs);
    const median = async (connections: readonly ProbeConnection[]): Promise<number> => {
      const found = await Promise.all(connections.map((connection) => connection.exchange({}, deadline)));
      return middle(found.map(({ how, ms }) => (how === "closed" ? 0 : ms)));
    };
    const [through, straight] = await Promise.all([median(this.#through), median(this.#straight)]);
    return through - straight;
  }
}
