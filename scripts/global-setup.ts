import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Tests import the built package by its own name, as users do; this keeps the build fresh. A copy of the repository for
 * another SDK version (scripts/on-sdk.mjs) brings the build that users of every version get.
 */
export default function globalSetup(): void {
  if (process.env["PREBUILT"] === "1") return;
  const root = fileURLToPath(new URL("..", import.meta.url));
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
}
