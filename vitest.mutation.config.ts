import { defineConfig } from "vitest/config";

/** The units that judge `src/oracles`, for `npm run mutate`: the others would only slow each mutant down. */
export default defineConfig({
  test: { include: ["tests/self/unit/oracles/**/*.test.ts"], environment: "node" },
});
