import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectNetwork, startNode } from "playwright-xmtp/network";
import type { EmbeddedNode } from "playwright-xmtp/network";
import { populate } from "#src/cli/populate-command.js";
import type { PopulatedInbox } from "#src/cli/populate-command.js";
import { defaultSdkVersion } from "#src/workers/sdk/loading/choose.js";

export type { PopulatedInbox };

const folder = fileURLToPath(new URL("../../../.cache/population", import.meta.url));
/** Key packages live 84 days (libxmtp); leave a week to spare. */
const maxAgeMs = 77 * 24 * 3600 * 1000;

interface Population {
  readonly madeAt: number;
  readonly inboxes: readonly PopulatedInbox[];
  /** File of the network. */
  readonly snapshot: string;
}

/**
 * Restores a network of at least `count` registered inboxes, made once per SDK version and kept in `.cache`.
 * Everything the node held before is gone, so do this before workers are made.
 *
 * @returns the first `count` of them
 */
export async function restorePopulation(
  node: EmbeddedNode,
  count: number,
): Promise<readonly PopulatedInbox[]> {
  const { snapshot, inboxes } = (await storedPopulation(count)) ?? (await makePopulation(count));
  await node.restore(snapshot);
  return inboxes.slice(0, count);
}

/** The same for a network that cannot be restored: registers `count` inboxes now. */
export async function registerPopulation(
  env: string,
  url: string,
  count: number,
): Promise<readonly PopulatedInbox[]> {
  return populate(await connectNetwork({ env, ...(url !== "" && { url }) }), count, () => undefined);
}

async function storedPopulation(count: number): Promise<Population | undefined> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const [, version, held] = /^(.+)-(\d+)$/.exec(name) ?? [];
    if (version !== defaultSdkVersion(undefined) || Number(held) < count) continue;
    const population = await readPopulation(join(folder, name));
    if (Date.now() - population.madeAt < maxAgeMs) return population;
    await rm(join(folder, name), { recursive: true });
  }
  return undefined;
}

async function readPopulation(place: string): Promise<Population> {
  const { madeAt, inboxes } = JSON.parse(await readFile(join(place, "inboxes.json"), "utf8")) as Population;
  return { madeAt, inboxes, snapshot: join(place, "network.snapshot") };
}

/** Made in a folder of its own and then renamed: two Playwright processes may do this side by side. */
async function makePopulation(count: number): Promise<Population> {
  const place = join(folder, `${defaultSdkVersion(undefined)}-${count}`);
  const own = await mkdtemp(join(folder, "new-"));
  await using node = await startNode();
  const inboxes = await populate(node, count, (done) => {
    if (done % 50 === 0) process.stderr.write(`population: ${done} of ${count} inboxes registered\n`);
  });
  await node.snapshot(join(own, "network.snapshot"));
  await writeFile(join(own, "inboxes.json"), JSON.stringify({ madeAt: Date.now(), inboxes }));
  try {
    await rename(own, place);
  } catch (error) {
    // Somebody else was faster, with as many inboxes.
    if (!["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await rm(own, { recursive: true });
  }
  return await readPopulation(place);
}
