/**
 * Makes the built command executable. npm does so when it links a package's command, but not again: a second clone in a
 * folder of the same name, or a build after `dist` was removed, ended `npx playwright-xmtp` with "Permission denied".
 */
import { chmodSync, readFileSync } from "node:fs";

const { bin } = JSON.parse(readFileSync("package.json", "utf8"));
for (const file of Object.values(bin)) chmodSync(file, 0o755);
