import { home, installVersions, others } from "../../../scripts/sdk-versions.mjs";

// Read by installedSdks(); set before the first worker asks for a version.
process.env["XMTP_SDK_PATH"] = home;

export { installVersions, others };
