export { installedSdks } from "./discover.js";
export type { InstalledSdk } from "./discover.js";
export { loadSdk } from "./load.js";
export { payloadOf } from "./messages.js";
export { preflight, thisHost } from "./preflight.js";
export type { Host, Preflight } from "./preflight.js";
export { newSigner } from "./signer.js";
export type * from "./types.js";
