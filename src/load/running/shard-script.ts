import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Shard } from "../population/shard.js";
import type { ArtilleryScript } from "./artillery.js";
import { phasesOf } from "./phases.js";

/**
 * Writes the script of one shard: its part of the arrivals, all else as it was.
 *
 * @param file where the whole script is; paths in it are relative to that
 * @returns the new file
 */
export async function writeShardScript(
  script: ArtilleryScript,
  file: string,
  shard: Shard,
  folder: string,
): Promise<string> {
  const { config } = script;
  const home = dirname(resolve(file));
  const payload = config["payload"];
  const own = {
    ...script,
    config: {
      ...config,
      ...(config.phases && { phases: phasesOf(config.phases, shard) }),
      ...(config.processor !== undefined && { processor: resolve(home, config.processor) }),
      ...(payload !== undefined && {
        payload: Array.isArray(payload) ? payload.map((one) => placed(one, home)) : placed(payload, home),
      }),
    },
  };
  const written = join(resolve(folder), `script-${shard.current}-of-${shard.total}.json`);
  await writeFile(written, JSON.stringify(own));
  return written;
}

function placed(payload: unknown, home: string): unknown {
  const path = (payload as { path?: unknown } | null)?.path;
  return typeof path === "string" ? { ...(payload as object), path: resolve(home, path) } : payload;
}
