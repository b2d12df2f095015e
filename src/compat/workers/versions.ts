import { installedSdks, preflight } from "../../inboxes/index.js";
import { variable } from "../../environment.js";
import { XmtpTestError } from "../../errors.js";

/** One SDK version that is installed and loads here. */
export interface VersionEntry {
  /** For example "5.5.0". */
  readonly nodeSDK: string;
  /** The same, by the older name. */
  readonly nodeVersion: string;
  /** Version of the native bindings, for example "1.9.1". */
  readonly nodeBindings: string;
  /** The same as `nodeBindings`. */
  readonly bindingsPackage: string;
  /** The same as `nodeBindings`, which are libxmtp's. */
  readonly libXmtpVersion: string;
  /** Every version takes part in automatic runs. */
  readonly auto: true;
}

/**
 * The SDK versions of this project that load on this machine, the project's own first. The suites keep a list of
 * aliases by hand; here every npm alias of `@xmtp/node-sdk` is found by itself.
 */
export const VersionList: VersionEntry[] = installedSdks()
  .filter((sdk) => preflight(sdk).reasons.length === 0)
  .map(({ version, bindingsVersion }) => ({
    nodeSDK: version,
    nodeVersion: version,
    nodeBindings: bindingsVersion,
    bindingsPackage: bindingsVersion,
    libXmtpVersion: bindingsVersion,
    auto: true,
  }));

/** A copy of `VersionList`; there is nothing to be filtered. */
export function getVersions(_filterAuto = true): VersionEntry[] {
  return [...VersionList];
}

/** Versions, the project's own first. */
export function nodeVersionOptions(): string[] {
  return VersionList.map(({ nodeVersion }) => nodeVersion);
}

/** The same, by the oldest name. */
export const sdkVersionOptions = nodeVersionOptions();

/** The `index`-th version; the one whose bindings `NODE_VERSION` names, where it is set. @throws `SDK_VERSION` */
export function getActiveVersion(index = 0): VersionEntry {
  const wanted = variable("NODE_VERSION");
  const found = wanted === undefined ? VersionList[index] : findVersion(wanted);
  if (found) return found;
  throw new XmtpTestError(
    "SDK_VERSION",
    `There is no node-sdk ${wanted ?? `number ${index}`} (there are: ${nodeVersionOptions().join(", ") || "none"}).`,
    "Install it under an alias: npm install --save-dev node-sdk-4.6.0@npm:@xmtp/node-sdk@4.6.0",
  );
}

/** The version of `getActiveVersion()`: the project's own, not the highest. @throws `SDK_VERSION` */
export const getLatestVersion = (): string => getActiveVersion().nodeSDK;
/** The same as `getLatestVersion`. */
export const getLatestSdkVersion: () => string = getLatestVersion;
/** The same as `getLatestVersion`. */
export const getDefaultSdkVersion: () => string = getLatestVersion;

/** By version of the SDK or of its bindings; undefined where it is not installed, or does not load here. */
export function findVersion(version: string): VersionEntry | undefined {
  return VersionList.find((one) => one.nodeSDK === version || one.nodeBindings === version);
}

/** The same as `findVersion`. */
export const getVersionConfig = findVersion;
/** Whether it is installed and loads here. */
export const isValidSdkVersion = (version: string): boolean => findVersion(version) !== undefined;
/** Version of its bindings, which are libxmtp's; "unknown" where it is not installed. */
export const getLibxmtpVersion = (version: string): string => findVersion(version)?.nodeBindings ?? "unknown";

/**
 * Descriptors with a version each, in turn over the first `TEST_VERSIONS` (default 1) of the list. The suites' own
 * draws the version by `Math.random`, so that a failing mix cannot be repeated.
 */
export function getWorkersWithVersions(names: readonly string[]): string[] {
  const count = Number.parseInt(variable("TEST_VERSIONS") ?? "1", 10);
  const versions = VersionList.slice(0, Math.max(1, count));
  if (versions.length < 2) return [...names];
  return names.map((name, at) => {
    const version = versions[at % versions.length]?.nodeSDK ?? "";
    return name.includes("-") ? `${name}-${version}` : `${name}-a-${version}`;
  });
}

/** No d14n gateway is spoken to unless the config says so (`workerDefaults.gateway`). */
export const isD14NEnabled = (): boolean => variable("XMTP_D14N") === "true";
