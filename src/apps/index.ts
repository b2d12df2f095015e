export { Parties } from "./parties.js";
export type { PartiesOptions } from "./parties.js";
export { App } from "./app.js";
export type { AppExit, LaunchOptions } from "./app.js";
export { Launcher } from "./launcher.js";
export type { PartyLine } from "./party-line.js";
