import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { installedSdks } from "./discover.js";
import type { InstalledSdk } from "./discover.js";
import { neededSymbolVersions } from "./elf.js";

/** Whether an installed node-sdk can load on this machine, told from its files alone. */
export interface Preflight {
  /** The one that was looked at. */
  readonly sdk: InstalledSdk;
  /** Nothing is in the way, as far as its files tell. */
  readonly works: boolean;
  /** What is in the way, in words; empty when it works. */
  readonly reasons: readonly string[];
  /** What deserves mention without being in the way, such as a Node version the package does not ask for. */
  readonly notes: readonly string[];
}

/** What this machine offers to native code. */
export interface Host {
  /** As the bindings name their files, for example "linux-x64-gnu", "darwin-arm64". */
  readonly target: string;
  /** glibc's version, for example "2.36"; "" on other systems and with musl. */
  readonly glibc: string;
  /** Node's version without "v". */
  readonly node: string;
}

let host: Host | undefined;

/** Read once: Node's own report names the C library. */
export function thisHost(): Host {
  if (host !== undefined) return host;
  const { platform, arch } = process;
  const node = process.versions.node;
  if (platform !== "linux") {
    host = { target: platform === "win32" ? `win32-${arch}-msvc` : `${platform}-${arch}`, glibc: "", node };
    return host;
  }
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const glibc = report.header.glibcVersionRuntime ?? "";
  host = { target: `linux-${arch}-${glibc === "" ? "musl" : "gnu"}`, glibc, node };
  return host;
}

const newer = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

/** The newest glibc whose symbols the library uses; "" if it uses none. */
function neededGlibc(file: string): string {
  const versions = neededSymbolVersions(file).flatMap((name) => /^GLIBC_([\d.]+)$/.exec(name)?.[1] ?? []);
  return versions.sort(newer).at(-1) ?? "";
}

const FILE = /^bindings_node\.(.+)\.node$/;

function reasonsAgainst(sdk: InstalledSdk, { target, glibc }: Host): string[] {
  if (sdk.entry === "") return ["its main file is missing: the package is not installed completely"];
  if (sdk.bindingsEntry === "") return ["its native bindings (@xmtp/node-bindings) are not installed"];
  const folder = dirname(sdk.bindingsEntry);
  const file = join(folder, `bindings_node.${target}.node`);
  if (!existsSync(file)) {
    const built = readdirSync(folder).flatMap((name) => FILE.exec(name)?.[1] ?? []);
    return [`it has no native bindings for ${target} (it has: ${built.join(", ") || "none"})`];
  }
  const needed = glibc === "" ? "" : neededGlibc(file);
  return newer(needed, glibc) > 0 ? [`it needs glibc ${needed}, this system has ${glibc}`] : [];
}

/** "20.20.2" against ">=22": the SDKs ask for nothing more involved. */
function notesOn(sdk: InstalledSdk, { node }: Host): string[] {
  const least = /^>=\s*(\d+(?:\.\d+)*)$/.exec(sdk.engines)?.[1];
  const old = least !== undefined && newer(node, least) < 0;
  return old ? [`it asks for Node ${sdk.engines}, this is ${node}`] : [];
}

/** Looks at one version without loading it. */
export function preflight(sdk: InstalledSdk, on: Host = thisHost()): Preflight {
  const reasons = reasonsAgainst(sdk, on);
  return { sdk, works: reasons.length === 0, reasons, notes: notesOn(sdk, on) };
}

/** For error messages: the installed versions that would load here. */
export function versionsThatWork(): string {
  const able = installedSdks().filter((sdk) => preflight(sdk).works);
  return able.map((sdk) => `${sdk.version} (${sdk.specifier})`).join(", ") || "none";
}
