import { checkRealism, startNode } from "../network/index.js";
import { checkFolderOf } from "./folder.js";
import { readNumber, readOptions } from "./options.js";
import { untilSignal } from "./until-signal.js";

/** Where node-sdk and browser-sdk look for a node of the environment `local`. */
const nodeSdkPort = 5556;
const browserSdkPort = 5557;

/** `playwright-xmtp node`: the embedded node alone, for applications and tests outside a Playwright run. */
export async function nodeCommand(args: string[]): Promise<void> {
  const options = await readOptions("node", args, {
    port: { default: nodeSdkPort, help: "gRPC port on 127.0.0.1; 0 takes a free one" },
    "web-port": {
      default: "",
      help: `a second port of the same node, where browser-sdk looks; empty: ${browserSdkPort} beside port ${nodeSdkPort}, else none`,
    },
    "history-port": { default: 5558, help: "history server's port on 127.0.0.1; 0 takes a free one" },
    realism: { default: "prompt", help: "prompt, or real: delivery and its losses as on a real node" },
    seed: { default: "xmtp", help: "drives what realism real draws" },
    "rate-limits": { default: false, help: "limit calls per client address as the real node does" },
    "allow-host": {
      default: "",
      help: "further names under which clients reach the node, separated by commas",
    },
    "state-file": { default: "", help: "file that keeps the data; empty: memory only" },
    restore: { default: "", help: "snapshot file to start from" },
    snapshot: { default: "", help: "snapshot file to write at the end" },
  });
  if (!options) return;
  const asked = options["web-port"];
  const fallback = options.port === nodeSdkPort ? browserSdkPort : undefined;
  const webPort = asked === "" ? fallback : readNumber("web-port", asked);
  if (options["state-file"] !== "") await checkFolderOf("state-file", options["state-file"]);
  if (options.snapshot !== "") await checkFolderOf("snapshot", options.snapshot);
  await using node = await startNode({
    port: options.port,
    historyPort: options["history-port"],
    realism: checkRealism(options.realism),
    seed: options.seed,
    rateLimits: options["rate-limits"],
    allowedHosts: options["allow-host"].split(",").filter((name) => name !== ""),
    ...(options["state-file"] !== "" && { stateFile: options["state-file"] }),
  });
  if (options.restore !== "") await node.restore(options.restore);
  const also =
    webPort === undefined ? "" : ` The same node on ${await node.openClientPort("web", { port: webPort })}.`;
  console.log(`XMTP node on ${node.url}, history server on ${node.historyUrl}.${also} Ctrl+C ends it.`);
  await untilSignal(node.died);
  if (options.snapshot !== "") await node.snapshot(options.snapshot);
}
