import { defineConfig } from "vitest/config";

/** Pure units only (no network, no Playwright): small and fast, so that the mutation check can run them. Properties
 * take longer on a busy machine than vitest's 5 s. */
export default defineConfig({
  test: { include: ["tests/self/unit/**/*.test.ts"], environment: "node", testTimeout: 60_000 },
});
