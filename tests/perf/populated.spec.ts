import { expect, typeofStream } from "playwright-xmtp";
import { groupOf, textsOf } from "../functional/support/sdk.js";
import { runs, sizesFrom, waitMs } from "./support/env.js";
import { delaysSince } from "./support/receipts.js";
import { storedBytes } from "./support/stored-bytes.js";
import { test } from "./support/test.js";

/** Conversations in the inbox before the first operation; `POPULATE_SIZE=0-500-1000-2000` for the full series. */
const populations = sizesFrom("POPULATE_SIZE", [0, 50]);
test.use({ memberCount: 2 * (runs + 1) });

for (const size of populations) {
  test(`an inbox with ${size} conversations`, async ({ getWorkers, members, measure }) => {
    const workers = await getWorkers(["partner", "inbox"]);
    const [partner, inbox] = [workers.getCreator(), workers.get("inbox")];
    for (let at = 0; at < size; at++) {
      const group = await partner.client.conversations.createGroup([inbox.inboxId]);
      await group.sendText(`first of ${at}`);
    }
    const options = { size, n: runs };
    await measure.time("populated first syncAll", { size }, () => inbox.client.conversations.syncAll());
    const all = await inbox.client.conversations.list();
    expect(all).toHaveLength(size);
    for (const one of all)
      expect(textsOf(await one.messages())).toEqual([expect.stringMatching(/^first of \d+$/)]);
    measure.record("populated storage", await storedBytes(inbox), { size, unit: "bytes" });

    const group = await partner.client.conversations.createGroup([inbox.inboxId]);
    const theirs = await groupOf(inbox, group.id);
    const before = (run: number): Promise<string> => group.sendText(`news ${run}`);
    await measure.repeat("populated syncAll", { ...options, before }, () =>
      inbox.client.conversations.syncAll(),
    );
    expect(textsOf(await theirs.messages()).at(-1)).toBe(`news ${runs - 1}`);
    await measure.repeat("populated sync", options, () => inbox.client.conversations.sync());
    await measure.repeat("populated send", options, (run) => theirs.sendText(`own ${run}`));
    await group.sync();
    expect(textsOf(await group.messages()).at(-1)).toBe(`own ${runs - 1}`);
    await measure.repeat("populated newDm", options, async (run) => {
      const dm = await inbox.client.conversations.createDm(members[run + 1]?.inboxId ?? "");
      expect(dm.peerInboxId).toBe(members[run + 1]?.inboxId);
    });

    await inbox.startStream(typeofStream.Message);
    await inbox.startStream(typeofStream.GroupUpdated);
    for (let run = -1; run < runs; run++) {
      const start = performance.now();
      await group.sendText(`streamed ${run}`);
      const wanted = { content: `streamed ${run}`, timeout: waitMs };
      const delays = await delaysSince(start, [inbox], ({ worker }) =>
        worker.collectMessages(group.id, 1, wanted),
      );
      measure.delivery("populated streamMessage", delays, { size, waitedMs: waitMs, warmup: run < 0 });
      expect(delays, `the message came within ${waitMs} ms`).not.toContain(undefined);
    }
    for (let run = -1; run < runs; run++) {
      const added = members[runs + 2 + run]?.inboxId ?? "";
      const start = performance.now();
      await group.addMembers([added]);
      const delays = await delaysSince(start, [inbox], ({ worker }) =>
        worker.collectAddedMembers(group.id, [added], { timeout: waitMs }),
      );
      measure.delivery("populated streamMembership", delays, { size, waitedMs: waitMs, warmup: run < 0 });
      expect(delays, `the update came within ${waitMs} ms`).not.toContain(undefined);
    }
    await measure.repeat("populated removeMembers", options, (run) =>
      group.removeMembers([members[runs + 2 + run]?.inboxId ?? ""]),
    );
    expect((await group.members()).map(({ inboxId }) => inboxId).sort()).toEqual(
      [partner.inboxId, inbox.inboxId].sort(),
    );
  });
}
