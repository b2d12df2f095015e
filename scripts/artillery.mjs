// Runs a command with Artillery and a Node that it runs on (22.18 or later) in reach:
//   node scripts/artillery.mjs -- npx playwright test -c tests/load
// They are installed once per lockfile into .cache: 460 MB of Artillery (clouds of three vendors, two tracers) are too
// much for everybody who clones the repository. The command gets that folder as ARTILLERY_HOME, and its Node first in
// PATH. Where they cannot be installed this says SKIPPED; LOAD=0 skips too.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { homeOf, installOnce, root } from "./install-once.mjs";

const from = join(root, "tests/load/artillery");

/** The folder they are, or will be, installed in. */
export const artilleryHome = homeOf("artillery", from);

/** The environment of a command that uses them. */
export function withArtillery(env = process.env) {
  return {
    ...env,
    ARTILLERY_HOME: artilleryHome,
    ARTILLERY_DISABLE_TELEMETRY: "true",
    PATH: `${join(artilleryHome, "node_modules/.bin")}${delimiter}${env.PATH ?? ""}`,
    // Playwright's cache of transpiled files does not tell Nodes apart.
    PWTEST_CACHE_DIR: join(root, ".cache/transformed-load"),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const skipped = (why) => {
    console.log(`\n=== SKIPPED: load tests (${why})`);
    process.exit(0);
  };
  if (process.env.LOAD === "0") skipped("LOAD=0");
  if (!existsSync(artilleryHome)) {
    console.log("install Artillery and Node 22 into .cache");
    try {
      // Artillery's Playwright engine would fetch a browser.
      const env = { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
      installOnce(from, artilleryHome, { env });
    } catch (error) {
      skipped(`Artillery could not be installed: ${error.message}`);
    }
  }
  const command = process.argv.slice(process.argv.indexOf("--") + 1);
  const { status, error } = spawnSync(command[0], command.slice(1), {
    stdio: "inherit",
    env: withArtillery(),
  });
  if (error) throw error;
  process.exit(status ?? 1);
}
