/**
 * A processor for Artillery 2: virtual users are real XMTP clients, and each message is checked on the side of those
 * who get it. A script's processor is a file with `export * from "playwright-xmtp/artillery";`.
 */
export { greet, join, prepare, send, settle, signUp, stream, sync, talk } from "./steps/steps.js";
export type { ArtilleryContext } from "./steps/steps.js";
export type { LoadSettings, TalkPhase } from "./steps/settings.js";
