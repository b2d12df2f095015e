/** Verify helpers by the names that the earliest suites have for them. */
import { typeofStream } from "../../../fixtures/index.js";
import type { CompatConversation, CompatGroup } from "../sdk/types.js";
import { ownerOf } from "../sdk/wrap.js";
import type { WorkerManager } from "../workers/manager.js";
import type { Worker } from "../workers/worker.js";
import { verifyMessageStream, verifyMetadataStream } from "./streams.js";
import type { Sender, TextMaker } from "./streams.js";
import type { VerifyStreamResult } from "./result.js";

/** The workers that are members of the group, by what its owner knows after a sync. */
export async function getWorkersFromGroup(
  group: CompatConversation,
  workers: WorkerManager,
): Promise<Worker[]> {
  await group.sync();
  const members = new Set((await group.members()).map(({ inboxId }) => inboxId));
  return workers.getAll().filter(({ inboxId }) => members.has(inboxId));
}

/**
 * `verifyMessageStream`, or `verifyMetadataStream` for "group_updated". Whose conversation it is does not receive; the
 * suites' own leaves its creator out.
 */
export async function verifyStream(
  group: CompatConversation,
  participants: readonly Worker[],
  type: "text" | "group_updated" | typeofStream = typeofStream.Message,
  count = 1,
  text?: TextMaker,
  sender?: Sender,
  onSent?: () => void,
): Promise<VerifyStreamResult> {
  const owner = ownerOf(group);
  const receivers = participants.filter((one) => one.installationId !== owner);
  if (type === typeofStream.GroupUpdated)
    return await verifyMetadataStream(group as CompatGroup, receivers, count, text);
  return await verifyMessageStream(group, receivers, count, text, sender, onSent);
}

/** `verifyStream` with all workers of the group. */
export async function verifyStreamAll(
  group: CompatConversation,
  workers: WorkerManager,
  count = 1,
): Promise<VerifyStreamResult> {
  return await verifyStream(group, await getWorkersFromGroup(group, workers), typeofStream.Message, count);
}

/** `verifyMetadataStream`. */
export const verifyGroupUpdateStream = verifyMetadataStream;
