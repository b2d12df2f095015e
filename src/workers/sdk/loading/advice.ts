import { sdkSeenFrom } from "./discover.js";
import type { InstalledSdk } from "./discover.js";
import { preflight, thisHost } from "./preflight.js";
import type { Host } from "./preflight.js";

/**
 * The releases worth installing, newest first, and the glibc that their bindings for Linux ask for: read from the
 * symbols of the published files (5.0 to 5.5 and 4.4 to 4.6 ask for the same). Those for musl, macOS and Windows ask for
 * nothing of the kind.
 */
export const releases: readonly Release[] = [
  { version: "6.0.0", bindings: "1.10.0", glibc: "2.38" },
  { version: "5.5.0", bindings: "1.9.1", glibc: "2.34" },
];

/** A published node-sdk, with the version of `@xmtp/node-bindings` that it loads. */
interface Release {
  readonly version: string;
  readonly bindings: string;
  readonly glibc: string;
}

/** The newest release that loads on a machine; undefined where none does. */
export function newestThatLoads(on: Host = thisHost()): string | undefined {
  return releases.find(({ glibc }) => on.glibc === "" || atLeast(on.glibc, glibc))?.version;
}

/** The next step of somebody whose project has no version that loads. */
export function installHint(version: string | undefined): string {
  return version === undefined
    ? `No release of @xmtp/node-sdk loads here: they need glibc ${releases.at(-1)?.glibc} or newer.`
    : `The newest release that loads here: npm install --save-dev @xmtp/node-sdk@${version}`;
}

/** What a project needs so that its workers can run. */
export interface SdkAdvice {
  /** What the project imports as `@xmtp/node-sdk`; undefined where it is missing. */
  readonly found: InstalledSdk | undefined;
  /** Why that does not load on this machine; empty when it does, or is missing. */
  readonly reasons: readonly string[];
  /** The release to install instead; undefined when nothing is to be done, or none loads here. */
  readonly install: string | undefined;
}

/** Looks at a project's folder: which node-sdk it has, whether that loads here, and which release would. */
export function adviseSdk(folder: string, on: Host = thisHost()): SdkAdvice {
  const found = sdkSeenFrom(folder);
  const reasons = found === undefined ? [] : preflight(found, on).reasons;
  const fine = found !== undefined && reasons.length === 0;
  return { found, reasons, install: fine ? undefined : newestThatLoads(on) };
}

const atLeast = (have: string, need: string): boolean =>
  have.localeCompare(need, "en", { numeric: true }) >= 0;
