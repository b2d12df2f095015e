import { readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { XmtpTestError, errorText } from "../errors.js";

/** What `init` needs to know of the project it writes into. */
export interface Project {
  /** TypeScript or JavaScript. */
  readonly language: "ts" | "js";
  /** How Node reads its files without an extension of their own, from the nearest package.json. */
  readonly modules: "esm" | "commonjs";
  /** Scripts of its package.json, by name. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Its Playwright config, where it has one. */
  readonly config: ProjectConfig | undefined;
}

export interface ProjectConfig {
  readonly name: string;
  readonly text: string;
  /** Where its tests are, relative to the config; Playwright's default is the config's own folder. */
  readonly testDir: string;
  readonly hasProjects: boolean;
}

/** In the order in which Playwright looks. */
const configNames = ["ts", "js", "mts", "mjs", "cts", "cjs"].map(
  (extension) => `playwright.config.${extension}`,
);

/** @throws XmtpTestError `INVALID_OPTION` for a package.json that cannot be read */
export async function readProject(folder: string): Promise<Project> {
  const names = await readdir(folder);
  const manifest = await nearestManifest(folder);
  const configName = configNames.find((name) => names.includes(name));
  const config = configName === undefined ? undefined : await readConfig(folder, configName);
  return {
    language: await languageOf(folder, names, manifest, configName),
    modules: manifest?.type === "module" ? "esm" : "commonjs",
    scripts: manifest?.scripts ?? {},
    config,
  };
}

interface Manifest {
  readonly type?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

async function nearestManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readIfThere(join(folder, "package.json"));
  if (text !== undefined) {
    try {
      return JSON.parse(text) as Manifest;
    } catch (error) {
      throw new XmtpTestError(
        "INVALID_OPTION",
        `${join(folder, "package.json")} cannot be read (${errorText(error)}).`,
        "Mend it first; nothing was written.",
      );
    }
  }
  const above = dirname(folder);
  return above === folder ? undefined : await nearestManifest(above);
}

/** A project is JavaScript where something says so; Playwright runs TypeScript in any project. */
async function languageOf(
  folder: string,
  names: readonly string[],
  manifest: Manifest | undefined,
  config: string | undefined,
): Promise<"ts" | "js"> {
  if (config !== undefined) return /ts$/u.test(config) ? "ts" : "js";
  const packages = { ...manifest?.dependencies, ...manifest?.devDependencies };
  if (names.includes("tsconfig.json") || "typescript" in packages) return "ts";
  const sources = names.includes("src") ? await readdir(join(folder, "src")) : [];
  const isScript = (name: string): boolean => /\.[cm]?js$/u.test(name);
  return names.includes("jsconfig.json") || [...names, ...sources].some(isScript) ? "js" : "ts";
}

async function readConfig(folder: string, name: string): Promise<ProjectConfig> {
  const text = await readFile(join(folder, name), "utf8");
  const code = text.replace(/\/\*.*?\*\/|(^|[^:])\/\/[^\n]*/gsu, "$1");
  return {
    name,
    text,
    testDir: /\btestDir\s*:\s*(["'`])(.+?)\1/u.exec(code)?.[2] ?? ".",
    hasProjects: /\bprojects\s*:/u.test(code),
  };
}

/** The file's text; undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
