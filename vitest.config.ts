import { defineConfig } from "vitest/config";

/** Pure units only (no network, no Playwright): small and fast, so that the mutation check can run them. */
export default defineConfig({ test: { include: ["tests/self/unit/**/*.test.ts"], environment: "node" } });
