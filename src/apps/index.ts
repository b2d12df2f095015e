export { Parties } from "./parties.js";
export { App } from "./app.js";
export type { AppExit } from "./app-process.js";
export type { LaunchOptions } from "./launch-options.js";
export { Launcher } from "./launcher.js";
export type { PartyLine } from "./party-line.js";
