import { expect, typeofStream } from "playwright-xmtp";
import type { Measure } from "#src/report/measuring/measure.js";
import { waitMs } from "./env.js";
import { newGroup } from "./group-bench.js";
import type { GroupBench } from "./group-bench.js";
import { delaysSince, ledgerEnd } from "./receipts.js";

/** What receivers see by their streams: streamConversation, streamMessage, streamMetadata, streamMembership. */
export async function measureStreams(bench: GroupBench, measure: Measure, n: number): Promise<void> {
  const { size, creator, receivers, spare } = bench;
  const options = { size, waitedMs: waitMs };
  const types = [typeofStream.Conversation, typeofStream.Message, typeofStream.GroupUpdated];
  await Promise.all(receivers.flatMap(({ worker }) => types.map((type) => worker.startStream(type))));
  const record = (operation: string, run: number, delays: readonly (number | undefined)[]): void => {
    measure.delivery(operation, delays, { ...options, warmup: run < 0 });
    expect(delays, `${operation}: everyone has it within ${waitMs} ms`).not.toContain(undefined);
  };

  for (let run = -1; run < n; run++) {
    const afterSeq = ledgerEnd(creator);
    const start = performance.now();
    const group = await newGroup(bench, `streamed ${run}`);
    const delays = await delaysSince(start, receivers, async ({ worker }) => {
      const found = await worker.collectConversations(creator.inboxId, 1, { afterSeq, timeout: waitMs });
      expect(found.map(({ conversationId }) => conversationId)).toEqual([group.id]);
      return found;
    });
    record("streamConversation", run, delays);
  }

  const group = await newGroup(bench, "streams");
  for (let run = -1; run < n; run++) {
    const content = `streamed ${run}`;
    const start = performance.now();
    await group.sendText(content);
    const wanted = { content, senderInboxId: creator.inboxId, timeout: waitMs };
    const delays = await delaysSince(start, receivers, ({ worker }) =>
      worker.collectMessages(group.id, 1, wanted),
    );
    record("streamMessage", run, delays);
  }
  for (let run = -1; run < n; run++) {
    const newValue = `renamed ${run}`;
    const start = performance.now();
    await group.updateName(newValue);
    const wanted = { field: "group_name", newValue, timeout: waitMs };
    const delays = await delaysSince(start, receivers, ({ worker }) =>
      worker.collectGroupUpdates(group.id, 1, wanted),
    );
    record("streamMetadata", run, delays);
  }
  for (const [at, { inboxId }] of spare.slice(0, n + 1).entries()) {
    const start = performance.now();
    await group.addMembers([inboxId]);
    const delays = await delaysSince(start, receivers, ({ worker }) =>
      worker.collectAddedMembers(group.id, [inboxId], { timeout: waitMs }),
    );
    record("streamMembership", at - 1, delays);
  }
  await Promise.all(receivers.map(({ worker }) => worker.endStream()));
}
