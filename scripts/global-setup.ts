import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Tests import the built package by its own name, as users do; this keeps the build fresh. */
export default function globalSetup(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
}
