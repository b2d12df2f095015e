import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { startNode } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { RawClient } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";
import { newClient, newSigner } from "./sdk-client.js";

const { method } = mls.MlsApi;
const send = (raw: RawClient, ...texts: string[]) =>
  raw.ok(method.sendGroupMessages, {
    messages: texts.map((text) => ({
      version: { case: "v1" as const, value: { data: privateMessage("one", text) } },
    })),
  });
const ids = async (url: string) => {
  await using raw = new RawClient(url);
  const { messages } = await raw.ok(method.queryGroupMessages, { groupId: groupId("one") });
  return messages.map(({ version }) => Number(version.value?.id)).reverse();
};

test("kept: the next node goes on where the last one stood", async ({}, info) => {
  const stateFile = info.outputPath("node.state");
  {
    await using node = await startNode({ stateFile });
    await using raw = new RawClient(node.url);
    await send(raw, "a", "b");
    await expect(startNode({ stateFile })).rejects.toMatchObject({ code: "STATE_IN_USE" });
  }
  expect(existsSync(`${stateFile}.lock`)).toBe(false);
  await using node = await startNode({ stateFile });
  await using raw = new RawClient(node.url);
  await send(raw, "b", "c");
  expect(await ids(node.url)).toEqual([1, 2, 4]);
  await node.restart({ keep: false });
  expect(await ids(node.url)).toEqual([]);
  await node.close();
  await using empty = await startNode({ stateFile });
  expect((await empty.stats()).groupMessages).toBe(0);
});

test("killed: what was answered is there, and a record cut short is dropped", async ({}, info) => {
  const stateFile = info.outputPath("node.state");
  const cli = join("dist", "src", "cli", "main.js");
  const child = spawn(process.execPath, [
    ...[cli, "node", "--port", "0", "--history-port", "0", "--state-file", stateFile],
  ]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await expect.poll(() => output, { timeout: 25_000 }).toContain("XMTP node on ");
  await using raw = new RawClient(/XMTP node on ([^,]+),/u.exec(output)?.[1] ?? "");
  for (let n = 1; n <= 50; n++) await send(raw, `${n}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  const whole = await readFile(stateFile);
  await appendFile(stateFile, Buffer.from([200, 0, 0, 0, 1, 2]));
  {
    await using node = await startNode({ stateFile });
    expect(await ids(node.url)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
    expect(await readFile(stateFile)).toEqual(whole);
  }
  await truncate(stateFile, whole.length - 1);
  await using shorter = await startNode({ stateFile });
  expect(await ids(shorter.url)).toHaveLength(49);
});

test("damaged: refused by name, and the file stays as it is", async ({}, info) => {
  const stateFile = info.outputPath("node.state");
  {
    await using node = await startNode({ stateFile });
    await using raw = new RawClient(node.url);
    await send(raw, "a");
    await send(raw, "b");
  }
  const good = await readFile(stateFile);
  const flipped = Buffer.from(good);
  flipped[60] = (flipped[60] ?? 0) ^ 1;
  const longer = Buffer.from(good);
  longer[31] = 1;
  for (const [bytes, why] of [
    [flipped, "the record at byte 29 is damaged"],
    [longer, "the record at byte 29 is damaged"],
    [Buffer.from("noise"), "it does not begin as one"],
    [Buffer.concat([Buffer.from("noise"), good]), "it does not begin as one"],
  ] as const) {
    await writeFile(stateFile, bytes);
    await expect(startNode({ stateFile })).rejects.toMatchObject({
      code: "BAD_STATE_FILE",
      message: expect.stringContaining(why),
    });
    expect(await readFile(stateFile)).toEqual(bytes);
  }
  await writeFile(stateFile, good);
  await using again = await startNode({ stateFile });
  expect(await ids(again.url)).toEqual([1, 2]);
});

test("real clients go on after the node was restarted, and find themselves at one made from its file", async ({}, info) => {
  const stateFile = info.outputPath("node.state");
  const signer = newSigner();
  let inboxId: string;
  {
    await using node = await startNode({ stateFile });
    const [alice, bob] = await Promise.all([newClient(node, { signer }), newClient(node)]);
    inboxId = alice.inboxId;
    const dm = await alice.conversations.createDm(bob.inboxId);
    await dm.sendText("before");
    await node.restart();
    await dm.sendText("after");
    await bob.conversations.syncAll();
    const copy = await bob.conversations.getConversationById(dm.id);
    const texts = (await copy?.messages())?.map(({ content }) => content);
    expect(texts).toEqual(expect.arrayContaining(["before", "after"]));
  }
  await using node = await startNode({ stateFile });
  const again = await newClient(node, { signer });
  expect(again.inboxId).toBe(inboxId);
  const { installations } = await again.preferences.inboxState();
  expect(installations, "the old installation, and this one").toHaveLength(2);
  await node.restart({ keep: false });
  await expect(again.conversations.createDm(inboxId.replace(/^./u, "f"))).rejects.toThrow();
});
