import { after, timeoutOf } from "../../async/timeout.js";
import type { TimeoutOption } from "../../async/timeout.js";
import { XmtpTestError } from "../../errors.js";
import { Fault } from "../fault.js";

/** What a fault at the node is, and whom it hits. */
export interface NodeFaultAbout {
  readonly id: string;
  readonly verb: string;
  readonly detail: string;
  readonly targets: readonly string[];
  /** What it counts, for example "calls failed". */
  readonly unit: string;
}

/** The part of a fault at the node that its maker moves on. */
export class Tally {
  readonly #about: NodeFaultAbout;
  readonly #counts: Map<string, number>;
  readonly #waiting = new Set<() => void>();
  readonly evidence = new Map<string, string>();

  constructor(about: NodeFaultAbout) {
    this.#about = about;
    this.#counts = new Map(about.targets.map((name) => [name, 0]));
    for (const name of about.targets) this.set(name, 0);
  }

  /** @returns whether every target has now been met for the first time */
  set(name: string, count: number): boolean {
    const before = this.complete;
    this.#counts.set(name, Math.max(count, this.count(name)));
    this.evidence.set(name, `${this.count(name)} ${this.#about.unit}`);
    for (const look of [...this.#waiting]) look();
    return !before && this.complete;
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Whether every target was met. */
  get complete(): boolean {
    return [...this.#counts.values()].every((count) => count > 0);
  }

  get text(): string {
    return [...this.evidence].map(([name, text]) => `${name}: ${text}`).join("; ");
  }

  /** Resolves true once every target was met, false after `timeoutMs` (`Infinity`: never). */
  async untilComplete(timeoutMs: number): Promise<boolean> {
    if (this.complete) return true;
    return await new Promise<boolean>((resolve) => {
      const look = (): void => {
        if (this.complete) end();
      };
      const end = (): void => {
        stop();
        this.#waiting.delete(look);
        resolve(this.complete);
      };
      const stop = after(timeoutMs, end);
      this.#waiting.add(look);
    });
  }

  notEffective(): XmtpTestError {
    const { verb, detail } = this.#about;
    return new XmtpTestError(
      "FAULT_NOT_EFFECTIVE",
      `The fault "${verb}" (${detail}) at the node did not take effect (${this.text}).`,
      "Did the targets make such calls, or have such streams open, while it was active?",
    );
  }
}

/**
 * A fault that waits at the node for its targets' calls, and takes effect when they make them. If it has hit nothing
 * when it is removed, that throws `FAULT_NOT_EFFECTIVE`. Its `evidence` has the counts.
 */
export class NodeFault extends Fault {
  readonly #tally: Tally;

  /** @internal faults come from the verbs of `chaos.node` */
  constructor(about: NodeFaultAbout, tally: Tally, lift: () => Promise<void>) {
    super({ ...about, evidence: tally.evidence }, lift);
    this.#tally = tally;
  }

  /** How many calls, deliveries or streams of this target it has hit; without a name, of all its targets. */
  hits(name?: string): number {
    const names = name === undefined ? this.targets : [name];
    return names.reduce((sum, each) => sum + this.#tally.count(each), 0);
  }

  /**
   * Resolves once it has hit each of its targets.
   *
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` after the timeout (default 10,000 ms; 0 or `Infinity`: no limit)
   */
  async waitForHit(options: TimeoutOption = {}): Promise<void> {
    if (!(await this.#tally.untilComplete(timeoutOf(options, 10_000)))) throw this.#tally.notEffective();
  }

  /** The former name of {@link hits}. */
  taken(name?: string): number {
    return this.hits(name);
  }

  /** The former name of {@link waitForHit}, with the timeout by itself: default 10,000 ms. */
  async untilMet(timeoutMs = 10_000): Promise<void> {
    await this.waitForHit({ timeout: timeoutMs });
  }
}
