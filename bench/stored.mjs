/**
 * What a stored message takes, against its bytes on the wire: in memory, in a snapshot and in a state file; and how long
 * a node takes to have them all back. The store alone, in this process: a node adds its servers to it, once.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { create } from "@bufbuild/protobuf";
import { mls } from "../dist/src/network/proto/index.js";
import { keepState } from "../dist/src/network/state/keep-state.js";
import { NodeStore } from "../dist/src/network/store/node-store.js";
import { restoreSnapshot, takeSnapshot } from "../dist/src/network/store/snapshot.js";

const messages = Number(process.env.BENCH_STORED ?? 200_000);
const groups = 100;
/** A text message's, measured with node-sdk 4.6 to 6.1. */
const dataBytes = 216;

function message(id, groupId, data) {
  const value = { id, createdNs: BigInt(Date.now()) * 1_000_000n, groupId, data, senderHmac: HMAC };
  return create(mls.GroupMessageSchema, { version: { case: "v1", value: { ...value, shouldPush: true } } });
}
const HMAC = randomFillSync(Buffer.alloc(32));

function fill(store) {
  const ids = Array.from({ length: groups }, () => randomFillSync(Buffer.alloc(16)));
  let wire = 0;
  for (let at = 0; at < messages; at++) {
    const groupId = ids[at % groups];
    const data = randomFillSync(Buffer.alloc(dataBytes));
    void store.groupMessages.insert(
      groupId,
      data,
      (id) => message(id, groupId, data),
      (row) => (wire += row.frame.length),
    );
  }
  return wire;
}

function used() {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const folder = await mkdtemp(join(tmpdir(), "pwx-bench-"));
const report = (what, bytes, wire) =>
  console.log(
    `${what.padEnd(11)} ${(bytes / messages).toFixed(0).padStart(5)} bytes a message   x${(bytes / wire).toFixed(2)} of the wire`,
  );
const timed = async (what, work) => {
  const [start, cpuBefore] = [performance.now(), process.cpuUsage()];
  await work();
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const million = (one) => ((one / messages) * 1e6).toFixed(1);
  console.log(
    `${what}: ${seconds.toFixed(1)} s for ${messages}; a million ${million(seconds)} s, ${million((user + system) / 1e6)} s of CPU`,
  );
};
try {
  const before = used();
  const store = new NodeStore();
  const wire = fill(store);
  report("wire", wire, wire);
  report("memory", used() - before, wire);
  const file = join(folder, "node.snapshot");
  await timed("snapshot", async () => writeFile(file, takeSnapshot(store)));
  report("snapshot", (await stat(file)).size, wire);
  await timed("restore of the snapshot", async () => restoreSnapshot(new NodeStore(), await readFile(file)));
  const stateFile = join(folder, "node.state");
  const kept = new NodeStore();
  const state = keepState(kept, stateFile);
  fill(kept);
  state.release();
  report("state file", (await stat(stateFile)).size, wire);
  await timed("start from the state file", () => keepState(new NodeStore(), stateFile).release());
} finally {
  await rm(folder, { recursive: true });
}
