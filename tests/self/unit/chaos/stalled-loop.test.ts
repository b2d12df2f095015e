import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { ProbeConnection } from "../../../../src/chaos/probe/connection.js";

/** Answers each SETTINGS with its acknowledgement, or closes, or says nothing; then sets the flag. */
const peer = `
const { createServer } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const flag = new Int32Array(workerData.shared);
const done = () => { Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); };
const server = createServer((socket) => {
  socket.on("error", () => {});
  let all = Buffer.alloc(0);
  socket.on("data", (data) => {
    all = Buffer.concat([all, data]);
    if (!all.includes(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))) return;
    if (workerData.how === "answers") socket.write(Buffer.from([0, 0, 0, 4, 1, 0, 0, 0, 0]), done);
    else if (workerData.how === "closes") { socket.end(); socket.once("finish", done); }
    else done();
  });
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

const timeoutMs = 50;

/** What a probe finds whose event loop stood still until the peer had acted and the probe's time was over. */
async function foundAfterStall(how: "answers" | "closes" | "is silent"): Promise<string> {
  const shared = new SharedArrayBuffer(4);
  const thread = new Worker(peer, { eval: true, workerData: { shared, how } });
  try {
    const [port] = (await once(thread, "message")) as [number];
    const opened = await ProbeConnection.open({ host: "127.0.0.1", port }, 10_000);
    if (typeof opened === "string") throw new Error(`The peer cannot be reached: ${opened}`);
    const exchange = opened.exchange({}, timeoutMs);
    const start = performance.now();
    const flag = new Int32Array(shared);
    expect(Atomics.wait(flag, 0, 0, 30_000), "the peer acted").not.toBe("timed-out");
    while (performance.now() < start + 2 * timeoutMs) Atomics.wait(flag, 0, 1, timeoutMs);
    const { how: found } = await exchange;
    opened.destroy();
    return found;
  } finally {
    await thread.terminate();
  }
}

describe("a probe whose event loop stood still past its time", () => {
  it("has read an answer that was there in time", async () => {
    expect(await foundAfterStall("answers")).toBe("answered");
  });

  it("has noticed that the peer closed", async () => {
    expect(await foundAfterStall("closes")).toBe("closed");
  });

  it("calls silent what is silent", async () => {
    expect(await foundAfterStall("is silent")).toBe("silent");
  });
});
