import { defineConfig } from "vitest/config";

/** The units that judge oracles and matchers, for `npm run mutate`: the others would only slow each mutant down. */
export default defineConfig({
  test: { include: ["tests/self/unit/{oracles,matchers}/**/*.test.ts"], environment: "node" },
});
