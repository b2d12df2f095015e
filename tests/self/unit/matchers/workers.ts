import { stripVTControlCharacters } from "node:util";
import type { LedgerOwner, SnapshotSource, StreamOwner } from "../../../../src/matchers/receivers.js";
import type { typeofStream } from "../../../../src/ledger/events.js";
import type { ConversationSnapshot } from "../../../../src/ledger/snapshot.js";
import type { LedgerBuilder } from "../oracles/ledger-builder.js";

export interface FakeWorker extends LedgerOwner, StreamOwner, SnapshotSource {
  readonly worker: LedgerOwner["worker"] &
    StreamOwner["worker"] & { readonly activeStreamTypes: Set<typeofStream> };
}

/** A worker as far as matchers see one, on a hand-written ledger. */
export function worker(
  ledger: LedgerBuilder,
  name: string,
  values: {
    readonly untilDrained?: (timeoutMs?: number) => Promise<void>;
    readonly snapshot?: (conversationId: string) => Promise<ConversationSnapshot>;
  } = {},
): FakeWorker {
  const { untilDrained = () => Promise.resolve(), snapshot } = values;
  return {
    name,
    inboxId: `inbox-${name}`,
    worker: { events: ledger, untilDrained, activeStreamTypes: new Set() },
    snapshot: snapshot ?? (() => Promise.reject(new Error("no snapshot here"))),
  };
}

/** What an assertion that must fail says, without colors. */
export async function failureOf(assertion: Promise<unknown>): Promise<string> {
  const outcome = await assertion.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error("The assertion passed, but must fail.");
  return stripVTControlCharacters(outcome.message);
}
