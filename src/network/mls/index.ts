/** What the node reads from MLS bytes: never trusted from the caller, never decrypted. */
export { parseGroupMessage } from "./framing.js";
export type { GroupMessageFraming } from "./framing.js";
export { KeyPackageError, validateKeyPackage } from "./key-package.js";
export type { ValidKeyPackage } from "./key-package.js";
export { MlsFormatError } from "./tls-reader.js";
