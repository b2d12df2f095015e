import { mkdir, stat, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { expect } from "@playwright/test";
import { getWorkers } from "playwright-xmtp";
import { Toxiproxy } from "toxiproxy-node-client";
import { isFree, test } from "./command.js";
import type { Running } from "./command.js";

const portOf = (url: string): number => Number(new URL(url).port);

async function nodeUrls(node: Running): Promise<[url: string, history: string]> {
  const [, url = "", history = ""] = await node.waitFor(/XMTP node on (\S+), history server on (\S+)\./);
  return [url, history];
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`node serves a real client, and ${signal} ends it and frees its ports`, async ({ start }) => {
    const node = start(["node", "--port=0", "--history-port=0"]);
    const [url, history] = await nodeUrls(node);
    expect(await isFree(portOf(url))).toBe(false);

    const workers = await getWorkers({ alice: url }, `command line, ${signal}`);
    expect(await workers.get("alice").client.canMessage([])).toEqual(new Map());
    expect(workers.get("alice").inboxId).toMatch(/^[0-9a-f]{64}$/);
    await workers.terminateAll();

    node.signal(signal);
    expect(await node.ended).toBe(0);
    expect(await isFree(portOf(url))).toBe(true);
    expect(await isFree(portOf(history))).toBe(true);
  });
}

test("node keeps its data in a snapshot, and starts from it", async ({ start }, testInfo) => {
  const file = testInfo.outputPath("network.snapshot");
  const first = start(["node", "--port=0", "--history-port=0", "--snapshot", file]);
  const before = await getWorkers({ alice: (await nodeUrls(first))[0] }, "before the snapshot");
  const { inboxId } = before.get("alice");
  await before.terminateAll();
  first.signal("SIGINT");
  expect(await first.ended).toBe(0);
  expect((await stat(file)).size).toBeGreaterThan(0);

  const second = start(["node", "--port=0", "--history-port=0", "--restore", file]);
  await using after = await getWorkers({ bob: (await nodeUrls(second))[0] }, "after the snapshot");
  const dm = await after.get("bob").client.conversations.createDm(inboxId);
  expect(dm.peerInboxId).toBe(inboxId);
});

test("node says which port is taken", async ({ start }) => {
  const first = start(["node", "--port=0", "--history-port=0"]);
  const [url] = await nodeUrls(first);
  const second = start(["node", `--port=${portOf(url)}`, "--history-port=0"]);
  expect(await second.ended).toBe(1);
  expect(second.output).toContain("PORT_IN_USE");
  expect(second.output).toContain(String(portOf(url)));
});

test("toxiproxy serves the client library, and Ctrl+C ends it", async ({ start }) => {
  const server = start(["toxiproxy", "--port=0"]);
  const [, url = ""] = await server.waitFor(/Toxiproxy on (\S+)\. /);
  const client = new Toxiproxy(url);
  const proxy = await client.createProxy({ name: "one", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" });
  expect((await client.get("one")).upstream).toBe("127.0.0.1:9");
  const listen = Number(proxy.listen.split(":").at(-1));
  expect(await isFree(listen)).toBe(false);

  server.signal("SIGINT");
  expect(await server.ended).toBe(0);
  expect(await isFree(portOf(url))).toBe(true);
  expect(await isFree(listen)).toBe(true);
});

test("toxiproxy starts with Toxiproxy's own flags and file", async ({ start }, testInfo) => {
  await mkdir(testInfo.outputDir, { recursive: true });
  const proxies = [
    { name: "up", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" },
    { name: "down", listen: "127.0.0.1:0", upstream: "127.0.0.1:9", enabled: false },
  ];
  await writeFile(testInfo.outputPath("toxiproxy.json"), JSON.stringify(proxies));
  const args = ["toxiproxy", "-host=0.0.0.0", "-config", "toxiproxy.json", "-port", "0"];
  const server = start(args, testInfo.outputDir);
  const [, url = ""] = await server.waitFor(/Toxiproxy on (\S+)\. /);
  const all = await new Toxiproxy(url).getAll();
  expect(Object.entries(all).map(([name, { enabled }]) => [name, enabled])).toEqual([
    ["down", false],
    ["up", true],
  ]);
});

test("node serves both SDKs' ports: one network", async ({ start }) => {
  const node = start(["node", "--port=0", "--history-port=0", "--web-port=0"]);
  const [, web = ""] = await node.waitFor(/The same node on (\S+)\. /);
  const [url] = await nodeUrls(node);
  expect(portOf(web)).not.toBe(portOf(url));
  await using workers = await getWorkers({ alice: url, bob: web }, "two ports");
  const [alice, bob] = workers.getAll();
  const dm = await alice?.client.conversations.createDm(bob?.inboxId ?? "");
  expect(dm?.peerInboxId).toBe(bob?.inboxId);
});

for (const command of ["node --port=0 --history-port=0", "toxiproxy --port=0"]) {
  test(`${command}: a server that dies ends the command, with a message and a code`, async ({
    start,
  }, testInfo) => {
    const preload = testInfo.outputPath("kill-thread.mjs");
    // Ends the server's thread from outside, a moment after it has said that it is ready.
    await writeFile(
      preload,
      `import threads from "node:worker_threads";
       import { syncBuiltinESMExports } from "node:module";
       if (threads.isMainThread) {
         const { Worker } = threads;
         threads.Worker = class extends Worker {
           constructor(...args) {
             super(...args);
             process.once("SIGUSR2", () => this.terminate());
           }
         };
         syncBuiltinESMExports();
       }`,
    );
    const server = start(command.split(" "), ".", {
      NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`,
    });
    await server.waitFor(/Ctrl\+C ends it/);
    server.signal("SIGUSR2");
    expect(await server.ended).toBe(1);
    expect(server.output).toMatch(
      /THREAD_ENDED: The (XMTP node|Toxiproxy) thread ended by itself \(exit code 1\)/,
    );
  });
}
