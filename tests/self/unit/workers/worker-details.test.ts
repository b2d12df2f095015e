import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { typeofStream, typeOfSync } from "#src/ledger/events.js";
import type { ReceiveEvent } from "#src/ledger/events.js";
import { TestLedger } from "#src/ledger/ledger.js";
import { LedgerSwitch } from "#src/ledger/port.js";
import type { LedgerPort } from "#src/ledger/port.js";
import type { Worker } from "#src/workers/worker.js";
import { FakeSdk, fakeWorker } from "./fake-sdk.js";

const { Message, MessageandResponse } = typeofStream;
const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function make(port: LedgerPort = new TestLedger()): Promise<{ worker: Worker; sdk: FakeSdk }> {
  const sdk = new FakeSdk(1);
  const folder = await mkdtemp(join(tmpdir(), "worker-details-"));
  const worker = fakeWorker(sdk, folder, port);
  ended.push(async () => {
    await worker.terminate();
    await rm(folder, { recursive: true, force: true });
  });
  await worker.open();
  return { worker, sdk };
}

const conversationId = "c";
function receive(worker: Worker, text: string, more: Partial<ReceiveEvent> = {}): void {
  worker.events.ledger.append<ReceiveEvent>({
    kind: "receive",
    worker: worker.name,
    installationId: worker.installationId,
    inboxId: worker.inboxId,
    source: "stream",
    streamId: 1,
    streamSeq: 1,
    conversationId,
    messageId: `m${worker.events.length}`,
    senderInboxId: "somebody",
    contentType: "text",
    payload: { hash: text, text: text.slice(0, 200) },
    sentAtNs: "1",
    content: text,
    ...more,
  });
}

describe("collectors", () => {
  it("match a pattern with g each time, and a text longer than the ledger keeps", async () => {
    const { worker } = await make();
    const long = "x".repeat(300);
    for (const text of ["gm", "gm", "gm", "gm", long]) receive(worker, text);
    await expect(
      worker.collectMessages(conversationId, 4, { content: /gm/g, timeout: 20 }),
    ).resolves.toHaveLength(4);
    await expect(
      worker.collectMessages(conversationId, 1, { content: long, timeout: 20 }),
    ).resolves.toHaveLength(1);
    await expect(
      worker.collectMessages(conversationId, 1, { content: `${long}y`, timeout: 20 }),
    ).rejects.toThrow(/alice collected 0 of 1 messages \(text, of others\) in 20 ms/);
  });

  it("leave out what this installation sent, unless told otherwise", async () => {
    const { worker } = await make();
    const { inboxId, installationId } = worker;
    const send = {
      kind: "send",
      worker: "alice",
      installationId,
      inboxId,
      conversationId,
      contentType: "text",
    } as const;
    const mine = worker.events.ledger.append({
      ...send,
      payload: { hash: "mine", text: "mine" },
      automatic: false,
      outcome: "pending",
    } as never);
    receive(worker, "mine", { senderInboxId: inboxId, messageId: "m1" });
    receive(worker, "by my other installation", { senderInboxId: inboxId, messageId: "m2" });
    const texts = async (own: boolean): Promise<string[]> =>
      (await worker.collectMessages(conversationId, own ? 2 : 1, { own, timeout: 20 })).map(
        ({ payload }) => payload.text,
      );
    expect(await texts(false)).toEqual(["by my other installation"]);
    worker.events.ledger.settle(mine as never, { outcome: "ok", messageId: "m1" });
    expect(await texts(false)).toEqual(["by my other installation"]);
    expect(await texts(true)).toEqual(["mine", "by my other installation"]);
  });

  it("refuse what they would misread", async () => {
    const { worker } = await make();
    const odd = worker as unknown as {
      collectMessages(...args: unknown[]): Promise<unknown>;
      startStream(type: unknown): unknown;
    };
    await expect(odd.collectMessages(conversationId, 1, ["reaction"])).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    await expect(odd.collectMessages(conversationId, 1, { contentType: "x" })).rejects.toThrow(
      /no field "contentType"/,
    );
    await expect(odd.collectMessages(conversationId, 0)).rejects.toMatchObject({ code: "INVALID_COUNT" });
    await expect(worker.collectMessages(conversationId, 1, { timeout: Number.NaN })).rejects.toThrow(
      /timeout of NaN/,
    );
    expect(() => odd.startStream("messages")).toThrow(/"messages" is not a stream type/);
    await expect(worker.startSync("often" as never)).rejects.toThrow(/"often" is not a type of sync/);
    await expect(worker.reopen({ version: "5" } as never)).rejects.toThrow(/no field "version"/);
  });
});

it("tolerates by a pattern with g each time", async () => {
  const { worker, sdk } = await make();
  worker.tolerate(/gave up/g);
  for (let at = 0; at < 4; at++) {
    await worker.startStream(Message);
    sdk.giveUp("messages");
  }
  expect(worker.takeFailures()).toEqual([]);
});

it("the controller of an ended stream does not end the next one of its type", async () => {
  const { worker } = await make();
  await worker.startStream(Message);
  const old = worker.streamControllers.get(Message);
  await worker.endStream(Message);
  await worker.startStream(Message);
  old?.abort();
  await worker.endStream(typeofStream.Consent);
  expect([...worker.activeStreamTypes]).toEqual([Message]);
});

it("a loop of syncs whose predecessor fails late goes on, and ends", async () => {
  const { worker, sdk } = await make();
  sdk.up = false;
  const first = worker.startSync(typeOfSync.Sync, 60_000);
  const ends = worker.endSync();
  const second = worker.startSync(typeOfSync.Sync, 60_000);
  await expect(first).rejects.toThrow("the node is down");
  sdk.up = true;
  await Promise.allSettled([ends, second]);
  await worker.startSync(typeOfSync.Sync, 60_000);
  await worker.endSync();
  expect(worker.activeSyncTypes.size).toBe(0);
});

it("answers what was received before the stream ended, and never twice", async () => {
  const { worker, sdk } = await make();
  await worker.startStream(MessageandResponse);
  for (let at = 0; at < 30; at++) receive(worker, `question ${at}`, { messageId: `q${at}` });
  receive(worker, "question 0 again", { messageId: "q0" });
  await worker.goOffline();
  await worker.goOnline();
  await worker.endStream();
  expect(sdk.sent).toHaveLength(30);
});

it("a worker that outlives a test is in each test's ledger with what it did there", async () => {
  const [one, two] = [new TestLedger(), new TestLedger()];
  const port = new LedgerSwitch(one);
  const { worker } = await make(port);
  const heard: string[] = [];
  const unsubscribe = worker.ownEvents.subscribe(({ kind }) => heard.push(kind));
  await worker.startStream(Message);
  const before = one.events.length;

  port.switchTo(two);
  expect(worker.events.lifecycle().map(({ state }) => state)).toEqual(["created"]);
  expect(worker.events.streams().map(({ state }) => state)).toEqual(["starting", "live"]);
  const collected = worker.collectMessages(conversationId, 1, { timeout: 1_000 });
  receive(worker, "in the second test");
  await expect(collected).resolves.toHaveLength(1);
  expect(worker.events.ledger).toBe(two);
  expect(one.events).toHaveLength(before);
  expect(two.receives()).toHaveLength(1);
  expect(heard.at(-1)).toBe("receive");
  unsubscribe();
  await worker.endStream();
  expect(worker.events.streams().at(-1)?.state).toBe("ended");
});
