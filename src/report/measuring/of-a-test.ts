/** What the fixture `measure` is made of, to be imported when a test measures. */
export { encodeSamples, samplesAttachment } from "../attachments.js";
export { openBaseline } from "./baseline.js";
export { budgetError } from "./budget-error.js";
export { checkBudgets, judge } from "./budgets.js";
export { Measure } from "./measure.js";
export { Progress } from "./progress.js";
