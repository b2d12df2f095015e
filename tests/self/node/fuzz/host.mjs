/** The node in a process of its own, started with --expose-gc, so that its memory is nobody else's. Answers over IPC. */
import { setImmediate as turn } from "node:timers/promises";
import { NodeServer } from "#src/network/node/node-server.js";

const server = new NodeServer({ port: 0, historyPort: 0, bidiStreams: false, keepaliveMs: 30_000 });
const ports = await server.start();

const methods = {
  ports: () => ports,
  stats: () => server.stats(),
  waitForSubscriptions: (n, timeoutMs) => server.waitForSubscriptions(n, timeoutMs),
  snapshot: (file) => server.snapshot(file),
  restore: (file) => server.restore(file),
  stop: () => server.stop(),
  /** Bytes in use after a full collection: JavaScript objects, and buffers outside the heap. */
  memory: async () => {
    // Native parts of sessions are freed a turn after the objects that own them have been collected.
    for (let round = 0; round < 6; round++) {
      globalThis.gc();
      await turn();
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
};

process.on("message", async ({ id, method, args }) => {
  try {
    process.send({ id, value: await methods[method](...args) });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.on("disconnect", () => process.exit());
process.send({ id: 0 });
