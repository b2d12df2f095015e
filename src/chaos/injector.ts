import { XmtpTestError, errorText } from "../errors.js";
import type { FaultEvent } from "../ledger/events.js";
import type { TestLedger } from "../ledger/ledger.js";
import type { Effect } from "./effects.js";
import { Fault } from "./fault.js";
import type { Link } from "./link.js";
import type { Finding } from "./proofs/proof.js";

/** What the injector writes to; a test's ledger fits. */
export type FaultLedger = Pick<TestLedger, "append">;

interface Active {
  readonly id: string;
  readonly effect: Effect;
  readonly links: readonly Link[];
  readonly stop: AbortController;
  running: Promise<unknown>;
}

/** What the probes found, by worker. */
type Findings = readonly { readonly worker: string; readonly finding: Finding }[];

/**
 * How often a fault that slows a link is put on before it counts as not effective: on a busy machine the link may
 * have been as slow just before.
 */
const attempts = 3;

/** Puts effects on links, shows that they bite, and takes them off. */
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
   * Puts an effect on all links at once.
   *
   * @throws XmtpTestError `FAULT_NOT_EFFECTIVE` with the figures when a probe sees no difference on one of them
   *   (the fault is then off again on all), `CHAOS_MASKED`, `CHAOS_LINK_DOWN`
   */
  async apply(effect: Effect, links: readonly Link[]): Promise<Fault> {
    const id = this.#nextId();
    const active: Active = { id, effect, links, stop: new AbortController(), running: Promise.resolve() };
    const evidence = new Map<string, string>();
    const { verb, detail } = effect;
    const targets = links.map(({ worker }) => worker);
    const fault = new Fault({ id, verb, detail, targets, evidence }, () => this.#lift(active));
    await inTurns(links, async () => {
      for (const { worker, finding } of await this.#put(active)) evidence.set(worker, finding.text);
    });
    this.#active.set(id, fault);
    active.running = Promise.all(links.map(async (link) => effect.run?.(link, id, active.stop.signal)));
    // Looked at when the fault is lifted.
    active.running.catch(() => undefined);
    return fault;
  }

  async #put(active: Active): Promise<Findings> {
    const { effect, links } = active;
    for (const link of links) refuseMasked(effect, link);
    for (let attempt = 1; ; attempt++) {
      const findings = await this.#try(active, attempt === 1);
      const text = findings.map(({ worker, finding }) => `${worker}: ${finding.text}`).join("; ");
      const failed = findings.find(({ finding }) => !finding.effective);
      if (!failed) {
        this.#record(active, "effective", text);
        return findings;
      }
      if (attempt === attempts || effect.masks) {
        this.#record(active, "not_effective", text);
        await this.#takeOff(active);
        throw notEffective(effect, failed.worker, failed.finding.text);
      }
      await switchOff(active);
    }
  }

  /** Looks at the links, puts the effect on, and looks again. */
  async #try(active: Active, first: boolean): Promise<Findings> {
    const { id, effect, links } = active;
    const proofs = links.map((link) => ({ link, proof: effect.proof() }));
    let applied = !first;
    try {
      await Promise.all(proofs.map(({ link, proof }) => proof.before(link)));
      if (first) this.#record(active, "applied", effect.detail);
      applied = true;
      await Promise.all(links.map((link) => effect.on(link, id)));
      if (effect.masks) for (const link of links) link.mask(id, effect.verb);
      return await Promise.all(
        proofs.map(async ({ link, proof }) => ({ worker: link.worker, finding: await proof.during(link) })),
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
    const { id, links, stop } = active;
    stop.abort();
    const [ran] = await Promise.allSettled([active.running]);
    // In turn: another fault's proof compares before and during, and must not see this one go.
    await inTurns(links, () => this.#takeOff(active));
    this.#active.delete(id);
    if (ran.status === "rejected") throw ran.reason;
  }

  async #takeOff(active: Active): Promise<void> {
    await switchOff(active);
    this.#record(active, "lifted", active.effect.detail);
  }

  #record({ id, effect, links }: Active, state: FaultEvent["state"], detail: string): void {
    this.#ledger.append<FaultEvent>({
      kind: "fault",
      worker: "",
      installationId: "",
      inboxId: "",
      faultId: id,
      fault: effect.verb,
      state,
      targets: links.map(({ worker }) => worker),
      detail,
    });
  }
}

async function switchOff({ id, effect, links }: Active): Promise<void> {
  const results = await Promise.allSettled(links.map((link) => effect.off(link, id)));
  for (const link of links) link.unmask(id);
  const failed = results.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}

/** Takes each link's turn, in one order for everybody, so that two faults never wait for each other. */
async function inTurns(links: readonly Link[], work: () => Promise<void>): Promise<void> {
  const ordered = [...links].sort((a, b) => (a.worker < b.worker ? -1 : 1));
  const nested = ordered.reduceRight<() => Promise<void>>((inner, link) => () => link.inTurn(inner), work);
  await nested();
}

function refuseMasked(effect: Effect, link: Link): void {
  const mask = link.maskedBy;
  if (mask === undefined || effect.hides === true) return;
  throw new XmtpTestError(
    "CHAOS_MASKED",
    `${link.worker} is under "${mask}": nobody could see whether "${effect.verb}" bites.`,
    `Put ${effect.verb} on first, or lift ${mask}.`,
  );
}

function notEffective({ verb, detail }: Effect, worker: string, figures: string): XmtpTestError {
  return new XmtpTestError(
    "FAULT_NOT_EFFECTIVE",
    `The fault "${verb}" (${detail}) was put on ${worker} but does not bite (${figures}).`,
    "Is something else changing the proxies of this server?",
  );
}
