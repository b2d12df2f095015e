import type { LedgerEvent } from "../../ledger/events.js";
import type { History } from "../../ledger/history.js";
import type { Installation } from "./listening.js";
import type { Members } from "./membership.js";
import { makings } from "./owed-history.js";

/**
 * Whether an installation was in a conversation at a time when its inbox was.
 *
 * One that was made when its inbox was a member already (a second installation, a reinstallation) joins only when
 * somebody adds it: libxmtp looks for new installations every few seconds while it sends, and what is sent before
 * cannot be read by it. It counts as joined from its own first sign in the conversation: an event, or the
 * send of a message that it received.
 */
export function joinings(
  history: History,
  members: Members,
): (installation: Installation, conversationId: string, at: number) => boolean {
  const late = lateInstallations(history.events);
  const signs = firstSigns(history);
  return ({ installationId, inboxId }, conversationId, at) => {
    const made = late.get(installationId);
    if (made === undefined) return true;
    const addedWithInbox = members
      .spans(conversationId, inboxId)
      .some((one) => made <= one.from && one.from <= at && at <= (one.to ?? Infinity));
    return addedWithInbox || (signs.get(`${installationId} ${conversationId}`) ?? Infinity) <= at;
  };
}

/** When each installation was made whose inbox had another one before. */
function lateInstallations(events: readonly LedgerEvent[]): ReadonlyMap<string, number> {
  const firstOf = new Map<string, string>();
  const late = new Map<string, number>();
  for (const event of events) {
    const { inboxId, installationId, at } = event;
    if (!firstOf.has(inboxId)) firstOf.set(inboxId, installationId);
    const isMaking = event.kind === "lifecycle" && makings.has(event.state);
    if (isMaking && firstOf.get(inboxId) !== installationId) late.set(installationId, at);
  }
  return late;
}

function firstSigns(history: History): ReadonlyMap<string, number> {
  const signs = new Map<string, number>();
  for (const event of history.events) {
    if (event.kind !== "send" && event.kind !== "receive" && event.kind !== "conversation") continue;
    const key = `${event.installationId} ${event.conversationId}`;
    const at =
      event.kind === "receive" ? Math.min(event.at, history.sendOf(event)?.at ?? event.at) : event.at;
    signs.set(key, Math.min(at, signs.get(key) ?? Infinity));
  }
  return signs;
}
