// An app that is no SDK's: it subscribes to the messages of no group, once when it is started for the first time, and
// once for each SIGUSR2.
import { Buffer } from "node:buffer";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { join } from "node:path";
import process from "node:process";
import { setInterval } from "node:timers";

function subscribe() {
  const session = connect(process.env.XMTP_API_URL);
  const request = session.request({
    ":method": "POST",
    ":path": "/xmtp.mls.api.v1.MlsApi/SubscribeGroupMessages",
    "content-type": "application/grpc",
    te: "trailers",
  });
  // An empty message.
  request.end(Buffer.alloc(5), () => console.log("asked"));
  request.on("response", () => console.log("subscribed"));
}

process.on("SIGUSR2", subscribe);
const mark = join(process.env.XMTP_DB_DIRECTORY, "started");
if (!existsSync(mark)) subscribe();
writeFileSync(mark, "");
console.log(`runs as ${process.pid}`);
setInterval(() => {}, 1_000);
