import { readFile } from "node:fs/promises";
import { XmtpTestError, errorText } from "../errors.js";
import { startToxiproxy } from "../toxiproxy/index.js";
import { readOptions } from "./options.js";
import { untilSignal } from "./until-signal.js";

/** `playwright-xmtp toxiproxy`: the embedded Toxiproxy alone, for any client of its control API. */
export async function toxiproxyCommand(args: string[]): Promise<void> {
  const options = await readOptions("toxiproxy", args.map(goFlag), {
    host: { default: "127.0.0.1", help: "address of the control API; 0.0.0.0 for containers" },
    port: { default: 8474, help: "control port; 0 takes a free one" },
    config: { default: "", help: "JSON file with proxies to start with, as Toxiproxy's own -config" },
    seed: { default: 1, help: "seed of jitter and toxicity" },
  });
  if (!options) return;
  const { host, port, seed, config } = options;
  const proxies = config === "" ? undefined : await readProxies(config);
  await using server = await startToxiproxy({ host, port, seed });
  if (proxies !== undefined) await populate(server.url, config, proxies);
  console.log(`Toxiproxy on ${server.url}. Ctrl+C ends it.`);
  await untilSignal(server.died);
}

/** Toxiproxy is a Go program: its users write `-config`, which means `--config`. */
function goFlag(arg: string): string {
  return /^-[a-z]{2,}/u.test(arg) ? `-${arg}` : arg;
}

async function readProxies(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw badConfig(file, errorText(error));
  }
}

/** By the server's own endpoint, so that the file is checked as the server checks a body. */
async function populate(url: string, file: string, proxies: string): Promise<void> {
  const answer = await fetch(`${url}/populate`, { method: "POST", body: proxies });
  const text = await answer.text();
  if (!answer.ok) throw badConfig(file, text.trim());
  const made = JSON.parse(text) as { proxies: readonly { name: string; listen: string; upstream: string }[] };
  for (const { name, listen, upstream } of made.proxies) console.log(`${name}: ${listen} -> ${upstream}`);
}

function badConfig(file: string, why: string): XmtpTestError {
  return new XmtpTestError(
    "INVALID_OPTION",
    `--config is "${file}", which cannot be used (${why}).`,
    'Give a JSON file such as [{ "name": "node", "listen": "127.0.0.1:5666", "upstream": "127.0.0.1:5556" }].',
  );
}
