import { defineConfig } from "@playwright/test";

const ci = Boolean(process.env["CI"]);

/** This repository's own run. Users' config needs none of this: see examples/. */
export default defineConfig({
  testDir: "tests",
  globalSetup: "./scripts/global-setup.ts",
  fullyParallel: true,
  forbidOnly: ci,
  retries: 0,
  workers: 2,
  timeout: 60_000,
  reporter: [["list"], ["html", { open: "never" }], ["./dist/src/report/index.js", {}]],
  use: { trace: "off" },
  projects: [
    { name: "self", testDir: "tests/self", testIgnore: "**/unit/**" },
    { name: "functional", testDir: "tests/functional" },
    { name: "integration", testDir: "tests/integration" },
    { name: "chaos", testDir: "tests/chaos", timeout: 180_000 },
    { name: "perf", testDir: "tests/perf", timeout: 600_000, workers: 1 },
    { name: "large", testDir: "tests/large", timeout: 1_200_000, workers: 1 },
    { name: "examples", testDir: "examples" },
  ],
});
