/**
 * The embedded node's part: its share of CPU time in a fan-out to 50 members, and how fast it alone hands
 * one message to 400 subscribers.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, constants } from "node:http2";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import { create, toBinary } from "@bufbuild/protobuf";
import { getWorkers, typeofStream } from "../dist/fixtures/index.js";
import { startNode } from "../dist/src/network/index.js";
import { encodeFrame, FrameReader } from "../dist/src/network/grpc/frame.js";
import { SubscribeGroupMessagesRequestSchema } from "../dist/src/network/proto/gen/mls_pb.js";
import { processCpuMs } from "./cpu.mjs";

const members = Number(process.env.BENCH_MEMBERS ?? 50);
const subscribers = 400;
const messages = 100;

const node = await startNode();
const workers = await getWorkers(members, "bench", node.url);
const listening = workers.getAllButCreator();
await Promise.all(listening.map(({ worker }) => worker.startStream(typeofStream.Message)));
const group = await workers.createGroupBetweenAll("fan-out");
const all = (count) =>
  Promise.all(listening.map(({ worker }) => worker.collectMessages(group.id, count, { timeoutMs: 120_000 })));
await group.sendText("warmup");
await all(1);

const before = await node.stats();
const [cpu, start] = [processCpuMs(), performance.now()];
for (let at = 0; at < messages; at++) await group.sendText(`message ${at}`);
await all(messages + 1);
const spent = processCpuMs() - cpu;
const ms = performance.now() - start;
const after = await node.stats();
const share = (after.cpuMs - before.cpuMs) / spent;
console.log(
  `fan-out of ${messages} messages to ${members - 1} members: ${((messages * (members - 1) * 1000) / ms).toFixed(0)} deliveries/s (the SDK's pace)`,
);
console.log(
  `node CPU ${(after.cpuMs - before.cpuMs).toFixed(0)} of ${spent.toFixed(0)} ms: ${(share * 100).toFixed(1)} %   (must stay under 10 %)`,
);
console.log(`encodes per message ${((after.encodes - before.encodes) / messages).toFixed(2)}   (must be 1)`);
await workers.endStream();
await node.waitForSubscriptions(0, 10_000);

/** Subscribers without MLS, so that the node is the only one at work. */
const sessions = Array.from({ length: 8 }, () =>
  connect(node.url, { settings: { initialWindowSize: 1 << 24 } }),
);
const filter = { groupId: Buffer.from(group.id, "hex"), idCursor: 0n };
const request = toBinary(
  SubscribeGroupMessagesRequestSchema,
  create(SubscribeGroupMessagesRequestSchema, { filters: [filter] }),
);
let delivered = 0;
let lastAt = 0;
async function until(count) {
  const deadline = performance.now() + 60_000;
  while (delivered < count && performance.now() < deadline) await new Promise(setImmediate);
}
const calls = Array.from({ length: subscribers }, (_, at) => {
  const call = sessions[at % sessions.length].request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: "/xmtp.mls.api.v1.MlsApi/SubscribeGroupMessages",
    [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
    te: "trailers",
  });
  const frames = new FrameReader();
  call.on("data", (chunk) => {
    delivered += frames.push(chunk).length;
    lastAt = performance.now();
  });
  call.on("error", () => undefined);
  call.end(encodeFrame(request));
  return call;
});
await Promise.all(calls.map((call) => once(call, "response")));
/** The group's first commit, the warmup and the messages, which each subscriber gets at once. */
await until(subscribers * (messages + 2));
const live = delivered;
const fanBefore = await node.stats();
const fanStart = performance.now();
await Promise.all(Array.from({ length: messages }, (_, at) => group.sendText(`fan-out ${at}`)));
await until(live + subscribers * messages);
const fanAfter = await node.stats();
const deliveries = fanAfter.deliveries - fanBefore.deliveries;
console.log(
  `fan-out to ${subscribers} subscribers: ${delivered - live} of ${subscribers * messages} received, ${((deliveries * 1000) / (lastAt - fanStart)).toFixed(0)} deliveries/s, ${((deliveries * 1000) / (fanAfter.cpuMs - fanBefore.cpuMs)).toFixed(0)} per second of node CPU`,
);
console.log(
  `encodes per message ${((fanAfter.encodes - fanBefore.encodes) / messages).toFixed(2)}   (must be 1)`,
);

for (const session of sessions) session.destroy();
await workers.terminateAll();
await node.close();
