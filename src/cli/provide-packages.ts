import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { manifestText, withDevDependencies } from "./manifest-text.js";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * Puts packages that a project has not into its package.json, as `devDependencies`. One that is there, whatever its
 * version, stays as it is.
 *
 * @param wanted versions by name
 * @returns lines for the terminal; and whether package.json changed, so that `npm install` comes next
 */
export async function providePackages(
  folder: string,
  wanted: Readonly<Record<string, string>>,
): Promise<{ lines: string[]; changed: boolean }> {
  const file = join(folder, "package.json");
  const text = existsSync(file) ? await readFile(file, "utf8") : undefined;
  const manifest = JSON.parse(text ?? "{}") as Manifest;
  const missing = Object.entries(wanted).filter(
    ([name]) =>
      !(name in { ...manifest.dependencies, ...manifest.devDependencies }) && !isInstalled(folder, name),
  );
  if (missing.length === 0) return { lines: [], changed: false };
  if (text === undefined) {
    const packages = missing.map(([name, version]) => `${name}@${version}`).join(" ");
    return { lines: [`Run: npm install --save-dev ${packages}`], changed: false };
  }
  const changed = withDevDependencies(manifest, Object.fromEntries(missing));
  await writeFile(file, manifestText(changed, text));
  return {
    lines: missing.map(([name, version]) => `wrote ${name} ${version} into package.json`),
    changed: true,
  };
}

/** Whether Node finds a package from a folder. */
function isInstalled(folder: string, name: string): boolean {
  if (existsSync(join(folder, "node_modules", name, "package.json"))) return true;
  const above = dirname(folder);
  return above !== folder && isInstalled(above, name);
}
