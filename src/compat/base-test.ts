import { test } from "../../fixtures/index.js";

/** The package's `test`, whose responders answer in groups as such suites count on: what has their name in it. */
export const base = test.extend({
  workerDefaults: async ({ workerDefaults }, use) => use({ respondTo: "named", ...workerDefaults }),
});
