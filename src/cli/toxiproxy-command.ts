import { startToxiproxy } from "../toxiproxy/index.js";
import { readOptions } from "./options.js";
import { untilSignal } from "./until-signal.js";

/** `playwright-xmtp toxiproxy`: the embedded Toxiproxy alone, for any client of its control API. */
export async function toxiproxyCommand(args: string[]): Promise<void> {
  const options = readOptions("toxiproxy", args, {
    port: { default: 8474, help: "control port on 127.0.0.1; 0 takes a free one" },
    seed: { default: 1, help: "seed of jitter and toxicity" },
  });
  if (!options) return;
  await using server = await startToxiproxy(options);
  console.log(`Toxiproxy on ${server.url}. Ctrl+C ends it.`);
  await untilSignal();
}
