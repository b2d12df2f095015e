import type { LedgerEvent, StreamEvent } from "./events.js";
import { TestLedger } from "./ledger.js";
import { LedgerSwitch } from "./port.js";

/**
 * Where parties that outlive a test write: in a test, into that test's ledger, and between tests into one of their own.
 * Each test sees what they did during it, and which of their streams were open when it began.
 */
export class ProcessLedger extends LedgerSwitch {
  readonly #names = new Set<string>();

  constructor() {
    super(new TestLedger());
  }

  /** Names of the parties that outlive a test. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  add(name: string): void {
    this.#names.add(name);
  }

  /** A test begins. @returns to be called when it is over */
  enter(test: TestLedger): () => void {
    this.switchTo(test);
    return () => {
      if (this.current === test) this.switchTo(new TestLedger());
    };
  }

  override switchTo(next: TestLedger): void {
    const open = this.#names.size === 0 ? [] : openStreams(this.current.events, this.#names);
    this.current.handOn(next);
    super.switchTo(next);
    for (const { kind, worker, installationId, inboxId, streamType, streamId, state } of open)
      next.append<StreamEvent>({ kind, worker, installationId, inboxId, streamType, streamId, state });
  }
}

/** The latest word on each stream of these parties that is not over: an oracle owes its receiver what comes next. */
function openStreams(events: readonly LedgerEvent[], names: ReadonlySet<string>): StreamEvent[] {
  const open = new Map<string, StreamEvent>();
  for (const event of events) {
    if (event.kind !== "stream" || !names.has(event.worker)) continue;
    const key = `${event.worker} ${event.streamId} ${event.streamType}`;
    if (event.state === "ended" || event.state === "failed") open.delete(key);
    else open.set(key, event);
  }
  return [...open.values()].map((event) =>
    event.state === "restart" || event.state === "gap_filled" ? { ...event, state: "live" } : event,
  );
}
