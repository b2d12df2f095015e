import { refusePlugNPlay } from "../../../environment.js";
import { XmtpTestError } from "../../../errors.js";
import { installHint, newestThatLoads } from "./advice.js";
import { installedSdks, projectSdk } from "./discover.js";
import type { InstalledSdk } from "./discover.js";

/**
 * The node-sdk that a version names ("5.5.0", or "4.6" for the newest 4.6.x installed); without one, the project's own.
 * Nothing of it is loaded.
 * @throws XmtpTestError `SDK_VERSION` when it is not installed, `PLUG_N_PLAY` where nothing can be found
 */
export function chooseSdk(version: string | undefined): InstalledSdk {
  const sdk =
    version === undefined
      ? projectSdk()
      : (installedSdks().find((one) => one.version === version) ??
        installedSdks()
          .filter((one) => one.version.startsWith(`${version}.`))
          .sort((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }))[0]);
  if (sdk !== undefined) return sdk;
  refusePlugNPlay();
  const present = installedSdks().map((one) => `${one.version} (${one.specifier})`);
  const list = present.length === 0 ? "none" : present.join(", ");
  if (version === undefined) {
    throw new XmtpTestError(
      "SDK_VERSION",
      `This project has no @xmtp/node-sdk, which workers run on (found: ${list}).`,
      installHint(newestThatLoads()),
    );
  }
  throw new XmtpTestError(
    "SDK_VERSION",
    `@xmtp/node-sdk ${version} is not installed (found: ${list}).`,
    `Install it, for example: npm install --save-dev node-sdk-${version}@npm:@xmtp/node-sdk@${version}`,
  );
}

/** The version that workers run on by default, for figures to be told apart by; "none" in a project without node-sdk. */
export function defaultSdkVersion(wanted: string | undefined): string {
  return wanted === undefined ? (projectSdk()?.version ?? "none") : chooseSdk(wanted).version;
}
