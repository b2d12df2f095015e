import { startNode } from "../network/index.js";
import { readOptions } from "./options.js";
import { untilSignal } from "./until-signal.js";

/** `playwright-xmtp node`: the embedded node alone, for applications and tests outside a Playwright run. */
export async function nodeCommand(args: string[]): Promise<void> {
  const options = readOptions("node", args, {
    port: { default: 5556, help: "gRPC port on 127.0.0.1; 0 takes a free one" },
    "history-port": { default: 5558, help: "history server's port on 127.0.0.1; 0 takes a free one" },
    "rate-limits": { default: false, help: "limit calls per client address as the real node does" },
    "state-file": { default: "", help: "file that keeps the data; empty: memory only" },
    restore: { default: "", help: "snapshot file to start from" },
    snapshot: { default: "", help: "snapshot file to write at the end" },
  });
  if (!options) return;
  await using node = await startNode({
    port: options.port,
    historyPort: options["history-port"],
    rateLimits: options["rate-limits"],
    ...(options["state-file"] !== "" && { stateFile: options["state-file"] }),
  });
  if (options.restore !== "") await node.restore(options.restore);
  console.log(`XMTP node on ${node.url}, history server on ${node.historyUrl}. Ctrl+C ends it.`);
  await untilSignal();
  if (options.snapshot !== "") await node.snapshot(options.snapshot);
}
