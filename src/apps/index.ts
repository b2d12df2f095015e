export { Parties } from "./parties.js";
export type { PartiesOptions } from "./parties.js";
export type { PartyLine } from "./party-line.js";
