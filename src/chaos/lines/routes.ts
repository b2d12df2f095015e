import { XmtpTestError } from "../../errors.js";
import type { Chaos } from "../chaos.js";

/**
 * Decides, as workers are made, whether each gets a proxy.
 *
 * Chaos itself is opened with the first proxy: a test without faults does not even load its code.
 */
export class ChaosRoutes {
  readonly #open: () => Promise<Chaos>;
  readonly #bypassed: string[] = [];
  #chaos: Promise<Chaos> | undefined;
  readonly #taken: { has(name: string): boolean };
  #on: boolean;

  /**
   * @param on whether the first worker gets a proxy already: the test names the fixture `chaos`, or has a profile
   * @param taken whether a name is a party's that is not a worker of this test
   */
  constructor(open: () => Promise<Chaos>, on: boolean, taken: { has(name: string): boolean }) {
    this.#open = open;
    this.#taken = taken;
    this.#on = on;
  }

  /** Where this worker connects. @throws XmtpTestError `PARTY_CONFLICT` for another party's name */
  async route<T extends { readonly url: string }>(worker: string, network: T): Promise<T> {
    refuseTaken(worker, this.#taken);
    if (this.#on) return await (await this.#opened()).route(worker, network);
    this.#bypassed.push(worker);
    return network;
  }

  /**
   * From now on, workers get proxies.
   *
   * @throws XmtpTestError `CHAOS_ORDER` when some were made without
   */
  async turnOn(): Promise<Chaos> {
    if (!this.#on && this.#bypassed.length > 0) {
      throw new XmtpTestError(
        "CHAOS_ORDER",
        `The fixture "chaos" comes too late: ${this.#bypassed.join(", ")} connect without a proxy.`,
        "Name chaos in the test's own parameters, or in the hook or fixture before its workers.",
      );
    }
    this.#on = true;
    return await this.#opened();
  }

  #opened(): Promise<Chaos> {
    return (this.#chaos ??= this.#open());
  }
}

/** Whether the option `chaosProfile` asks for more than exceptions; anything odd does, so that it is looked at. */
export function plansFaults(profile: unknown): boolean {
  if (typeof profile !== "object" || profile === null) return true;
  return Object.keys(profile).some((field) => field !== "direct");
}

/** @throws XmtpTestError `PARTY_CONFLICT` when the name is another party's */
export function refuseTaken(name: string, taken: { has(name: string): boolean }): void {
  if (!taken.has(name)) return;
  throw new XmtpTestError(
    "PARTY_CONFLICT",
    `There is already a party "${name}".`,
    "Give each worker, app, page and line a unique name.",
  );
}
