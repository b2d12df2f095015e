/** A fault that is on, and has been shown to take effect. `await using` removes it at the end of its block. */
export class Fault implements AsyncDisposable {
  /** The same in the ledger's events of this fault. */
  readonly id: string;
  /** The verb of `chaos` that made it, for example "latency". */
  readonly verb: string;
  /** For people, for example "300 ms ± 50 ms both ways". */
  readonly detail: string;
  /** Names of the workers it hits. */
  readonly targets: readonly string[];
  /** What the probes measured, by worker. */
  readonly evidence: ReadonlyMap<string, string>;
  readonly #lift: () => Promise<void>;
  #lifting: Promise<void> | undefined;

  /** @internal faults come from the verbs of `chaos` */
  constructor(
    about: Pick<Fault, "id" | "verb" | "detail" | "targets" | "evidence">,
    lift: () => Promise<void>,
  ) {
    this.id = about.id;
    this.verb = about.verb;
    this.detail = about.detail;
    this.targets = about.targets;
    this.evidence = about.evidence;
    this.#lift = lift;
  }

  /** False once it is being lifted. */
  get active(): boolean {
    return this.#lifting === undefined;
  }

  /** Takes the fault off; others that hit the same workers stay. Idempotent. */
  lift(): Promise<void> {
    return (this.#lifting ??= this.#lift());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lift();
  }
}
