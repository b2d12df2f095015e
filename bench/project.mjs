import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A project as a user has it: the package in node_modules, one spec file. Its folder is given back. */
export async function project(name, spec) {
  const dir = join(root, ".cache/bench", name);
  await rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, "node_modules/playwright-xmtp"), { recursive: true });
  for (const part of ["dist", "package.json"])
    await symlink(join(root, part), join(dir, "node_modules/playwright-xmtp", part));
  await writeFile(join(dir, "package.json"), `{ "type": "module", "private": true }\n`);
  await writeFile(join(dir, "playwright.config.ts"), `export default { testDir: ".", reporter: "dot" };\n`);
  await writeFile(join(dir, "a.spec.ts"), spec);
  return dir;
}
