import type { DeliveryFate, DeliveryTap } from "../store/delivery-tap.js";

/** Sends an item on; `again` = whatever was sent before. */
type Deliver<T> = (item: T, again: boolean) => void;

/**
 * The live deliveries of one stream, under the faults that wait for them: written twice, overtaken by the next of
 * the same key, or never written.
 */
export class DisturbedDeliveries<T> {
  readonly #tap: DeliveryTap | undefined;
  readonly #peer: string;
  readonly #deliver: Deliver<T>;
  readonly #held = new Map<string, (overtaken: boolean) => void>();

  constructor(tap: DeliveryTap | undefined, peer: string, deliver: Deliver<T>) {
    this.#tap = tap;
    this.#peer = peer;
    this.#deliver = deliver;
  }

  /** @param key the group or installation it belongs to */
  pass(kind: "group" | "welcome", key: string, item: T): void {
    const overtaken = this.#held.get(key);
    const fate = overtaken ? undefined : this.#tap?.takeDelivery(kind, this.#peer);
    if (fate?.kind === "lose") return;
    if (fate?.kind === "hold") {
      this.#hold(key, item, fate);
      return;
    }
    this.#deliver(item, false);
    if (fate?.kind === "duplicate") this.#deliver(item, true);
    overtaken?.(true);
  }

  #hold(key: string, item: T, fate: DeliveryFate & { kind: "hold" }): void {
    const goOn = (overtaken: boolean): void => {
      this.#held.delete(key);
      fate.done(release, overtaken);
      this.#deliver(item, true);
    };
    const release = (): void => goOn(false);
    this.#held.set(key, goOn);
    fate.held(release);
  }
}
