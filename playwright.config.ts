import { shown, suitesAsked, suitesConfig } from "./scripts/suites.js";

/**
 * This repository's own run: what shows the package at work. What checks the package itself has configs of its own
 * (`npm run self`, `npm run integration`, `npm run large`), and comes in here only when it is named.
 * Users' config needs none of this: see examples/.
 */
export default suitesConfig({
  ...shown,
  ...suitesAsked(process.argv.slice(2), process.env["TEST_WORKER_INDEX"] !== undefined),
});
