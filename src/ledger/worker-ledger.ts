import type { LedgerEvent, LedgerReader, SendEvent } from "./events.js";
import type { NewEvent, TestLedger } from "./ledger.js";
import type { LedgerPort } from "./port.js";

type Listener = (event: LedgerEvent) => void;

/** One worker's events, in the same order and with the same `seq` as in the whole ledger of the test under way. */
export class WorkerLedger implements LedgerReader {
  readonly worker: string;
  readonly #port: LedgerPort;

  constructor(port: LedgerPort, worker: string) {
    this.#port = port;
    this.worker = worker;
  }

  /** The whole test's ledger. */
  get ledger(): TestLedger {
    return this.#port.current;
  }

  get events(): readonly LedgerEvent[] {
    return this.ledger.of(this.worker).events;
  }

  /** Hears this worker's events, also those of later tests where it outlives this one. */
  subscribe(listener: Listener): () => void {
    let unsubscribe = this.ledger.of(this.worker).subscribe(listener);
    const forget = this.#port.onSwitch((_from, to) => {
      unsubscribe();
      unsubscribe = to.of(this.worker).subscribe(listener);
    });
    return () => {
      forget();
      unsubscribe();
    };
  }

  /** Stamps and stores an event. @internal */
  append<E extends LedgerEvent>(event: NewEvent<E>): E {
    return this.ledger.append(event);
  }

  /** Stores a send; the function returned fills in how it ended, in the ledger it was stored in. @internal */
  send(event: NewEvent<SendEvent>): (result: Parameters<TestLedger["settle"]>[1]) => void {
    const { ledger } = this;
    const send = ledger.append<SendEvent>(event);
    return (result) => ledger.settle(send, result);
  }

  /** See {@link LedgerPort.onSwitch}. @internal */
  onSwitch(listener: Parameters<LedgerPort["onSwitch"]>[0]): () => void {
    return this.#port.onSwitch(listener);
  }
}
