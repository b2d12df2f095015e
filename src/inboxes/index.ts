export { InboxPool } from "./pool.js";
export type { Inbox } from "./inbox.js";
export { signerOf } from "../workers/sdk/signer.js";
export { installedSdks } from "../workers/sdk/loading/discover.js";
export type { InstalledSdk } from "../workers/sdk/loading/discover.js";
export { preflight } from "../workers/sdk/loading/preflight.js";
export type { Preflight } from "../workers/sdk/loading/preflight.js";
