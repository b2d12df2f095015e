import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { errorText, XmtpTestError } from "../../errors.js";

export type TsMorph = typeof TsMorphModule;
export type Diff = typeof DiffModule;
import type * as TsMorphModule from "ts-morph";
import type * as DiffModule from "diff";

/** What `migrate` reads and compares with: too large to be everybody's dependency, so fetched when it is used. */
const wanted = { "ts-morph": "28.0.0", diff: "9.0.0" } as const;

/**
 * The two libraries, from the project, else from a folder of their own that npm fills once.
 *
 * @throws XmtpTestError `MIGRATE_TOOL` with the command that installs them
 */
export async function loadTools(
  folder: string,
  say: (line: string) => void,
): Promise<{ readonly morph: TsMorph; readonly diff: Diff }> {
  const cache = join(resolve("node_modules"), ".cache", "playwright-xmtp", "migrate");
  const places = [
    import.meta.url,
    pathToFileURL(join(folder, "x.js")).href,
    pathToFileURL(join(cache, "x.js")).href,
  ];
  if (!find("ts-morph", places) || !find("diff", places)) await fetchInto(cache, say);
  return { morph: (await load("ts-morph", places)) as TsMorph, diff: (await load("diff", places)) as Diff };
}

function find(name: string, places: readonly string[]): string | undefined {
  for (const place of places) {
    try {
      return createRequire(place).resolve(name);
    } catch {
      // Not there: the next place may have it.
    }
  }
  return undefined;
}

async function load(name: string, places: readonly string[]): Promise<unknown> {
  const path = find(name, places);
  if (path === undefined) throw missing(`${name} is not installed`);
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  return "default" in module && typeof module.default === "object" ? module.default : module;
}

async function fetchInto(cache: string, say: (line: string) => void): Promise<void> {
  const packages = Object.entries(wanted).map(([name, version]) => `${name}@${version}`);
  say(`migrate reads TypeScript with ${packages.join(" and ")}: npm fetches them into ${cache}.`);
  await mkdir(cache, { recursive: true });
  await writeFile(join(cache, "package.json"), '{ "private": true }\n');
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", cache, ...packages];
  const code = await new Promise<number>((done, failed) => {
    const child = spawn("npm", args, {
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32",
    });
    child.once("error", failed);
    child.once("close", (ended) => done(ended ?? 1));
  }).catch((error: unknown) => {
    throw missing(`npm does not run (${errorText(error)})`);
  });
  if (code !== 0) throw missing(`npm ended with ${code}`);
}

function missing(why: string): XmtpTestError {
  const packages = Object.entries(wanted).map(([name, version]) => `${name}@${version}`);
  return new XmtpTestError(
    "MIGRATE_TOOL",
    `migrate needs ${packages.join(" and ")}, and ${why}.`,
    `Run: npm install --save-dev ${packages.join(" ")}`,
  );
}
