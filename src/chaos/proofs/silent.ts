import { probe } from "../probe/connection.js";
import type { Place, ProbeConnection } from "../probe/connection.js";
import { exchangeText, msText, openAnswered, quietest, silenceMs } from "./proof.js";
import type { Finding, Proof } from "./proof.js";

/** What was sent is not answered, neither on a connection from before the fault nor on a new one. */
export class SilentProof implements Proof {
  #beforeMs = 0;
  #held: ProbeConnection | undefined;

  async before(place: Place): Promise<void> {
    this.#beforeMs = await quietest(place, Infinity);
    this.#held = await openAnswered(place);
  }

  async during(place: Place): Promise<Finding> {
    const deadline = silenceMs + 2 * this.#beforeMs;
    const [old, fresh] = await Promise.all([this.#held?.exchange({}, deadline), probe(place, {}, deadline)]);
    const effective = old?.how === "silent" && fresh.how === "silent";
    const oldText = old ? exchangeText(old) : "absent";
    const text = `older connection ${oldText}, new one ${exchangeText(fresh)}; ${msText(this.#beforeMs)} before`;
    return { effective, text };
  }

  end(): void {
    this.#held?.destroy();
  }
}
