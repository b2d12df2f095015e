import { expect, typeofStream } from "playwright-xmtp";
import { dmOf, identifierOf, textsOf } from "../functional/support/sdk.js";
import { runs, waitMs } from "./support/env.js";
import { delaysSince, ledgerEnd } from "./support/receipts.js";
import { test } from "./support/test.js";

test.use({ memberCount: 2 * (runs + 1) });

test("DMs are made by inbox and by address", async ({ alice, members, measure }) => {
  const { conversations } = alice.client;
  const made: Awaited<ReturnType<typeof conversations.createDm>>[] = [];
  const peer = (run: number, from = 0): (typeof members)[number] => {
    const member = members[from + run + 1];
    if (!member) throw new TypeError(`There is no member for run ${run}.`);
    return member;
  };
  await measure.repeat("newDm", { n: runs }, async (run) =>
    made.push(await conversations.createDm(peer(run).inboxId)),
  );
  await measure.repeat("newDmByAddress", { n: runs }, async (run) =>
    made.push(await conversations.createDmWithIdentifier(identifierOf(peer(run, runs + 1)))),
  );
  expect(made.map(({ peerInboxId }) => peerInboxId)).toEqual(members.map(({ inboxId }) => inboxId));

  let found: unknown;
  await measure.repeat("getConversationById", { n: runs }, async () => {
    found = (await conversations.getConversationById(made[0]?.id ?? ""))?.id;
  });
  expect(found).toBe(made[0]?.id);
});

test("a DM is sent, synced and streamed", async ({ alice, bob, measure }) => {
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  const theirs = await dmOf(bob, dm.id);
  const sent: string[] = [];
  const send = (text: string): Promise<string> => {
    sent.push(text);
    return dm.sendText(text);
  };
  await measure.repeat("sendDm", { n: runs }, (run) => send(`sent ${run}`));
  await measure.repeat("syncDm", { n: runs, before: (run) => send(`synced ${run}`) }, () => theirs.sync());
  await measure.repeat("sync", { n: runs }, () => bob.client.conversations.sync());
  await measure.repeat("syncAll", { n: runs, before: (run) => send(`all ${run}`) }, () =>
    bob.client.conversations.syncAll(),
  );
  expect(textsOf(await theirs.messages())).toEqual(sent);

  await bob.startStream(typeofStream.Message);
  for (let run = -1; run < runs; run++) {
    const start = performance.now();
    await send(`streamed ${run}`);
    const wanted = { content: `streamed ${run}`, senderInboxId: alice.inboxId, timeout: waitMs };
    const delays = await delaysSince(start, [bob], () => bob.collectMessages(dm.id, 1, wanted));
    measure.delivery("streamDm", delays, { waitedMs: waitMs, warmup: run < 0 });
    expect(delays, `bob has it within ${waitMs} ms`).not.toContain(undefined);
  }
  await expect(bob).toHaveReceivedInOrder(sent.slice(-runs - 1), { from: alice });
});

test("a DM is answered", async ({ alice, bob, measure }) => {
  await bob.startStream(typeofStream.MessageandResponse);
  await alice.startStream(typeofStream.Message);
  const dm = await alice.client.conversations.createDm(bob.inboxId);
  for (let run = -1; run < runs; run++) {
    const afterSeq = ledgerEnd(alice);
    const start = performance.now();
    await dm.sendText(`are you there, ${run}?`);
    const wanted = { content: "gm", senderInboxId: bob.inboxId, afterSeq, timeout: waitMs };
    const delays = await delaysSince(start, [alice], () => alice.collectMessages(dm.id, 1, wanted));
    measure.delivery("response", delays, { waitedMs: waitMs, warmup: run < 0 });
    expect(delays, `alice has the answer within ${waitMs} ms`).not.toContain(undefined);
  }
  await dm.sync();
  expect(textsOf(await dm.messages()).filter((text) => text === "gm")).toHaveLength(runs + 1);
});
