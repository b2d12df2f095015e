export { installedSdks } from "./loading/discover.js";
export type { InstalledSdk } from "./loading/discover.js";
export { loadSdk } from "./loading/load.js";
export { payloadOf } from "./messages.js";
export { preflight, thisHost } from "./loading/preflight.js";
export type { Host, Preflight } from "./loading/preflight.js";
export { newSigner, signerOf } from "./signer.js";
export type * from "./types.js";
