import { XmtpTestError, errorText } from "../errors.js";
import type { FaultEvent } from "../ledger/events.js";
import type { TestLedger } from "../ledger/ledger.js";
import type { Effect } from "./effects/effects.js";
import { Fault } from "./fault.js";
import type { Line } from "./lines/line.js";
import type { Finding } from "./proofs/proof.js";

/** What the injector writes to; a test's ledger fits. */
export type FaultLedger = Pick<TestLedger, "append">;

interface Active {
  readonly id: string;
  readonly effect: Effect;
  readonly lines: readonly Line[];
  readonly stop: AbortController;
  running: Promise<unknown>;
}

/** What the probes found, by worker. */
type Findings = readonly { readonly name: string; readonly finding: Finding }[];

/**
 * How often a fault that slows a line is put on before it counts as not effective: on a busy machine the line may
 * have been as slow just before.
 */
const attempts = 3;

/** Puts effects on lines, shows that they take effect, and takes them off. */
export class Injector {
  readonly #ledger: FaultLedger;
  readonly #active = new Map<string, Fault>();
  readonly #nextId: () => string;

  constructor(ledger: FaultLedger, nextId: () => string) {
    this.#ledger = ledger;
    this.#nextId = nextId;
  }

  /** Faults that are on, oldest first. */
  get active(): readonly Fault[] {
    return [...this.#active.values()];
  }

  /**
   * Puts an effect on all lines at once.
   *
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` with the figures when a probe sees no difference on one of them
   *   (the fault is then off again on all), `CHAOS_MASKED`, `CHAOS_LINK_DOWN`
   */
  async apply(effect: Effect, lines: readonly Line[]): Promise<Fault> {
    const id = this.#nextId();
    const active: Active = { id, effect, lines, stop: new AbortController(), running: Promise.resolve() };
    const evidence = new Map<string, string>();
    const { verb, detail } = effect;
    const targets = lines.map(({ name }) => name);
    const fault = new Fault({ id, verb, detail, targets, evidence }, () => this.#lift(active));
    await inTurns(lines, async () => {
      for (const { name, finding } of await this.#put(active)) evidence.set(name, finding.text);
    });
    this.#active.set(id, fault);
    active.running = Promise.all(lines.map(async (line) => effect.run?.(line, id, active.stop.signal)));
    // Looked at when the fault is lifted.
    active.running.catch(() => undefined);
    return fault;
  }

  async #put(active: Active): Promise<Findings> {
    const { effect, lines } = active;
    for (const line of lines) refuseMasked(effect, line);
    for (let attempt = 1; ; attempt++) {
      const findings = await this.#try(active, attempt === 1);
      const text = findings.map(({ name, finding }) => `${name}: ${finding.text}`).join("; ");
      const failed = findings.find(({ finding }) => !finding.effective);
      if (!failed) {
        this.#record(active, "effective", text);
        return findings;
      }
      if (attempt === attempts || effect.masks) {
        this.#record(active, "not_effective", text);
        await this.#takeOff(active);
        throw notEffective(effect, failed.name, failed.finding.text);
      }
      await switchOff(active);
    }
  }

  /** Looks at the lines, puts the effect on, and looks again. */
  async #try(active: Active, first: boolean): Promise<Findings> {
    const { id, effect, lines } = active;
    const proofs = lines.map((line) => ({ line, proof: effect.proof() }));
    let applied = !first;
    try {
      await Promise.all(proofs.map(({ line, proof }) => proof.before(line)));
      if (first) this.#record(active, "applied", effect.detail);
      applied = true;
      await Promise.all(lines.map((line) => effect.on(line, id)));
      if (effect.masks) for (const line of lines) line.mask(id, effect.verb);
      return await Promise.all(
        proofs.map(async ({ line, proof }) => ({ name: line.name, finding: await proof.during(line) })),
      );
    } catch (error) {
      if (applied) {
        this.#record(active, "not_effective", errorText(error));
        await this.#takeOff(active);
      }
      throw error;
    } finally {
      for (const { proof } of proofs) proof.end();
    }
  }

  async #lift(active: Active): Promise<void> {
    const { id, lines, stop } = active;
    stop.abort();
    const [ran] = await Promise.allSettled([active.running]);
    // In turn: another fault's proof compares before and during, and must not see this one go.
    await inTurns(lines, () => this.#takeOff(active));
    this.#active.delete(id);
    if (ran.status === "rejected") throw ran.reason;
  }

  async #takeOff(active: Active): Promise<void> {
    await switchOff(active);
    this.#record(active, "lifted", active.effect.detail);
  }

  #record({ id, effect, lines }: Active, state: FaultEvent["state"], detail: string): void {
    this.#ledger.append<FaultEvent>({
      kind: "fault",
      worker: "",
      installationId: "",
      inboxId: "",
      faultId: id,
      fault: effect.verb,
      state,
      targets: lines.map(({ name }) => name),
      detail,
    });
  }
}

async function switchOff({ id, effect, lines }: Active): Promise<void> {
  const results = await Promise.allSettled(lines.map((line) => effect.off(line, id)));
  for (const line of lines) line.unmask(id);
  const failed = results.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}

/** Takes each line's turn, in one order for everybody, so that two faults never wait for each other. */
async function inTurns(lines: readonly Line[], work: () => Promise<void>): Promise<void> {
  const ordered = [...lines].sort((a, b) => (a.name < b.name ? -1 : 1));
  const nested = ordered.reduceRight<() => Promise<void>>((inner, line) => () => line.inTurn(inner), work);
  await nested();
}

function refuseMasked(effect: Effect, line: Line): void {
  const mask = line.maskedBy;
  if (mask === undefined || effect.hides === true) return;
  throw new XmtpTestError(
    "CHAOS_MASKED",
    `${line.name} is under "${mask}", so nothing could show whether "${effect.verb}" takes effect.`,
    `Apply ${effect.verb} first, or lift ${mask}.`,
  );
}

function notEffective({ verb, detail }: Effect, name: string, figures: string): XmtpTestError {
  return new XmtpTestError(
    "FAULT_NOT_EFFECTIVE",
    `The fault "${verb}" (${detail}) was applied to ${name} but did not take effect (${figures}).`,
    "Is something else changing the proxies of this server?",
  );
}
