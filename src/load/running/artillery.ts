import { existsSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { inheritedEnvironment } from "../../environment.js";
import { errorText, XmtpTestError } from "../../errors.js";
import type { Phase } from "./phases.js";

/** The Artillery that a project has installed. */
export interface Artillery {
  readonly version: string;
  /** The script behind the command `artillery`. */
  readonly bin: string;
  /** Reads YAML and JSON, as Artillery does. */
  readonly parse: (text: string) => unknown;
}

/** What of an Artillery script matters here. */
export interface ArtilleryScript {
  readonly config: {
    readonly phases?: readonly Phase[];
    readonly processor?: string;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

const hint =
  "npm install --save-dev artillery@2, with Node 22.18 or later (npm install --save-dev node@22 brings one).";

/**
 * The Artillery of the script's project, else of the working directory, else the one in PATH.
 *
 * @throws XmtpTestError `ARTILLERY_MISSING`, also where this Node is too old for it
 */
export async function findArtillery(script: string): Promise<Artillery> {
  const home = artilleryAbove(dirname(resolve(script))) ?? artilleryAbove(process.cwd()) ?? artilleryInPath();
  if (home === undefined)
    throw new XmtpTestError("ARTILLERY_MISSING", `No artillery is installed beside ${script}.`, hint);
  const manifest = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as {
    version: string;
    bin: Readonly<Record<string, string>>;
  };
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18))
    throw new XmtpTestError(
      "ARTILLERY_MISSING",
      `Artillery ${manifest.version} needs Node 22.18 or later, and this is ${process.versions.node}.`,
      hint,
    );
  const yaml = (await import(
    pathToFileURL(createRequire(join(home, "package.json")).resolve("js-yaml")).href
  )) as { default: { load(text: string): unknown } };
  return {
    version: manifest.version,
    bin: join(home, manifest.bin["artillery"] ?? "bin/run"),
    parse: (text) => yaml.default.load(text),
  };
}

/** @throws XmtpTestError `INVALID_OPTION` for what is no script */
export async function readScript(artillery: Artillery, file: string): Promise<ArtilleryScript> {
  let script: unknown;
  try {
    script = artillery.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw notScript(file, errorText(error));
  }
  const config = (script as Partial<ArtilleryScript> | null | undefined)?.config;
  if (typeof config === "object") return script as ArtilleryScript;
  throw notScript(file, "it has no config");
}

/** Packages are looked for as Node does, but a package that exports no package.json is found too. */
function artilleryAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const home = join(at, "node_modules/artillery");
    if (existsSync(join(home, "package.json"))) return home;
    if (at === dirname(at)) return undefined;
  }
}

function artilleryInPath(): string | undefined {
  const folders = (inheritedEnvironment()["PATH"] ?? "").split(delimiter);
  const bin = folders.map((folder) => join(folder, "artillery")).find((file) => existsSync(file));
  // It is artillery/bin/run, behind a link.
  const home = bin === undefined ? undefined : dirname(dirname(realpathSync(bin)));
  return home !== undefined && existsSync(join(home, "package.json")) ? home : undefined;
}

function notScript(file: string, why: string): XmtpTestError {
  return new XmtpTestError(
    "INVALID_OPTION",
    `${file} is not an Artillery script (${why}).`,
    "Name a YAML or JSON file with config and scenarios.",
  );
}
