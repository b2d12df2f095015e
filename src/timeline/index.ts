/** What happened in a test, for people (`sequence.svg`) and for programs (`timeline.json`). Pure functions. */
export { renderSequence } from "./sequence.js";
export type { SequenceOptions } from "./sequence.js";
export { timelineJson, timelineVersion } from "./json.js";
