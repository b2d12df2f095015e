import { expect, typeofStream } from "playwright-xmtp";
import type { ReceiveEvent, SendEvent, Worker, WorkerManager } from "playwright-xmtp";
import { exactlyOnce, noForeign, noLoss, orderPerSender } from "playwright-xmtp/oracles";
import { groupOf, textsOf } from "../functional/support/sdk.js";
import { countFrom } from "./support/env.js";
import { test } from "./support/test.js";

/** The published claim of 40 receivers and 100 messages, scaled down unless asked for. */
const receiverCount = countFrom("DELIVERY_RECEIVERS", 8);
const amount = countFrom("DELIVERY_AMOUNT", 25);
/** A slow machine is late, not wrong: the time grows with the receipts waited for. */
const deadlineMs = 60_000 + receiverCount * amount * 100;

const texts = Array.from({ length: amount }, (_, at) => `message ${at + 1}`);
const names = ["sender", ...Array.from({ length: receiverCount }, (_, at) => `receiver${at + 1}`)];
const size = receiverCount;

test("delivery by stream: all of it, once, in order", async ({ getWorkers, measure }) => {
  const workers = await getWorkers(names);
  const receivers = workers.getAllButCreator();
  await Promise.all(receivers.map(({ worker }) => worker.startStream(typeofStream.Message)));
  const group = await workers.createGroupBetweenAll("stream");
  const start = performance.now();
  for (const text of texts) await group.sendText(text);
  await Promise.all(
    receivers.map((receiver) => expect(receiver).toHaveReceivedInOrder(texts, { timeout: deadlineMs })),
  );

  const received = receipts(receivers);
  measure.delivery("deliveryStream", delaysFromSend(workers, received), { size, waitedMs: deadlineMs });
  const last = Math.max(...received.map(({ at }) => at));
  measure.record("deliveryRate", (received.length / (last - start)) * 1000, { size, unit: "per_second" });
  const { events } = workers.events;
  for (const judge of [noLoss, exactlyOnce, noForeign, orderPerSender]) {
    expect(judge(events)).toMatchObject({ status: "pass" });
  }
});

test("delivery by polling: all of it, in order", async ({ getWorkers, measure }) => {
  const workers = await getWorkers(names);
  const receivers = workers.getAllButCreator();
  const group = await workers.createGroupBetweenAll("poll");
  const groups = await Promise.all(receivers.map((receiver) => groupOf(receiver, group.id)));
  const seen = groups.map(() => new Map<string, number>());
  const deadline = performance.now() + deadlineMs;
  const polls = groups.map(async (theirs, at) => {
    const own = seen[at] ?? new Map<string, number>();
    while (own.size < amount && performance.now() < deadline) {
      await theirs.sync();
      for (const { id } of (await theirs.messages()).filter(
        ({ contentType }) => contentType.typeId === "text",
      ))
        if (!own.has(id)) own.set(id, performance.now());
    }
  });
  for (const text of texts) await group.sendText(text);
  await Promise.all(polls);

  const sends = sendsOf(workers);
  const delays = seen.flatMap((own) => sends.map(({ messageId = "", at }) => since(own.get(messageId), at)));
  measure.delivery("deliveryPoll", delays, { size, waitedMs: deadlineMs });
  for (const theirs of groups) expect(textsOf(await theirs.messages())).toEqual(texts);
});

test("recovery: what was sent while the receivers were offline, all of it, in order", async ({
  getWorkers,
  measure,
}) => {
  const workers = await getWorkers(names);
  const receivers = workers.getAllButCreator();
  await Promise.all(receivers.map(({ worker }) => worker.startStream(typeofStream.Message)));
  const group = await workers.createGroupBetweenAll("recovery");
  await group.sendText("before");
  await Promise.all(receivers.map((receiver) => expect(receiver).toHaveReceived("before")));
  await Promise.all(receivers.map(({ worker }) => worker.goOffline()));
  for (const text of texts) await group.sendText(text);

  const start = performance.now();
  await Promise.all(receivers.map(({ worker }) => worker.goOnline()));
  await Promise.all(
    receivers.map((receiver) =>
      expect(receiver).toHaveReceivedInOrder(["before", ...texts], { timeout: deadlineMs }),
    ),
  );
  const missed = receipts(receivers).filter(({ at }) => at >= start);
  expect(missed).toHaveLength(receivers.length * amount);
  measure.delivery(
    "recovery",
    missed.map(({ at }) => at - start),
    { size, waitedMs: deadlineMs },
  );
  expect(exactlyOnce(workers.events.events)).toMatchObject({ status: "pass" });
});

function receipts(receivers: readonly Worker[]): ReceiveEvent[] {
  return receivers.flatMap(({ events }) =>
    events.receives().filter(({ contentType }) => contentType === "text"),
  );
}

function sendsOf(workers: WorkerManager): SendEvent[] {
  return workers.events.events
    .filter((event) => event.kind === "send")
    .filter(({ contentType }) => contentType === "text");
}

function delaysFromSend(workers: WorkerManager, received: readonly ReceiveEvent[]): (number | undefined)[] {
  const at = new Map(received.map((event) => [`${event.worker} ${event.messageId}`, event.at]));
  const receivers = workers.getAllButCreator();
  return sendsOf(workers).flatMap((send) =>
    receivers.map(({ name }) => since(at.get(`${name} ${send.messageId}`), send.at)),
  );
}

function since(at: number | undefined, start: number): number | undefined {
  return at === undefined ? undefined : at - start;
}
