import type { FaultEvent, LedgerEvent, LedgerReader } from "./events.js";
import type { NewEvent, TestLedger } from "./ledger.js";
import { EventViews } from "./views.js";
import type { WorkerLedger } from "./worker-ledger.js";

/**
 * One worker's events: what it sent and received, its streams and its syncs. Iterable, with a view per kind.
 *
 * Members marked as aliases show the ledger of the whole test, which `worker.worker.events` used to be; it is now the
 * fixture `ledger`.
 */
export class WorkerEvents extends EventViews implements LedgerReader {
  readonly #own: WorkerLedger;

  constructor(own: WorkerLedger) {
    super();
    this.#own = own;
  }

  /** The whole test's ledger, as the fixture `ledger`. */
  get ledger(): TestLedger {
    return this.#own.ledger;
  }

  /**
   * The events of the whole test, all workers' and faults.
   *
   * Alias, for suites that move: use the fixture `ledger`, or `bob.events.ledger`; for one worker's iterate over `bob.events`
   */
  get events(): readonly LedgerEvent[] {
    return this.ledger.events;
  }

  /**
   * Calls `listener` for each later event of the whole test.
   *
   * Alias, for suites that move: use the fixture `ledger`, or `bob.events.ledger`
   */
  subscribe(listener: (event: LedgerEvent) => void): () => void {
    return this.ledger.subscribe(listener);
  }

  /** Alias, for suites that move: use the fixture `ledger`, or `bob.events.ledger` */
  of(worker: string): LedgerReader {
    return this.ledger.of(worker);
  }

  /** Alias, for suites that move: use the fixture `ledger`, or `bob.events.ledger` */
  activeFaults(worker?: string): readonly FaultEvent[] {
    return this.ledger.activeFaults(worker);
  }

  /** @internal */
  append<E extends LedgerEvent>(event: NewEvent<E>): E {
    return this.ledger.append(event);
  }

  protected override shown(): readonly LedgerEvent[] {
    return this.#own.events;
  }
}
