import { Buffer } from "node:buffer";
import { connect } from "node:http2";
import { setTimeout } from "node:timers/promises";

// A client that asks an attacked node and a control at the same moment, over and over, and tells how long each took.

const body = Buffer.alloc(5);
const sessions = process.argv.slice(2).map((url) => connect(url));
let waits = [];
let failed = [];

async function ask(session) {
  const began = performance.now();
  const status = await new Promise((resolve) => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    let status = "none";
    const take = (headers) => (status = headers["grpc-status"] ?? status);
    stream.on("response", take).on("trailers", take);
    stream.on("error", (error) => (status = error.message));
    stream.on("close", () => resolve(status));
    stream.resume();
    stream.end(body);
  });
  if (status !== "0") failed.push(status);
  return performance.now() - began;
}

for (const session of sessions) session.on("error", (error) => failed.push(error.message));
process.on("disconnect", () => process.exit());
process.on("message", (question) => {
  if (question === "begin") [waits, failed] = [[], []];
  process.send({ waits, failed });
});
await Promise.all(sessions.map(ask));
process.send({ waits: [], failed });
for (;;) {
  waits.push(await Promise.all(sessions.map(ask)));
  await setTimeout(2);
}
