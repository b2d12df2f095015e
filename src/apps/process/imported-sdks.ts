import { existsSync } from "node:fs";
import { join } from "node:path";
import { isSdk } from "./entry.js";

/** Names of packages in a module's imports. What else reads like an import names a package that is not there. */
const imported = /\b(?:from|import)\s*\(?\s*["']((?:@[\w.-]+\/)?[\w.-]+)["']/g;

/** The entries of node-sdk that a module imports, under whatever names. */
export function importedSdks(text: string, require: NodeJS.Require): string[] {
  const names = new Set([...text.matchAll(imported)].map(([, name = ""]) => name));
  return [...names].flatMap((name) => {
    // Node's own modules are in no folder.
    const manifests = (require.resolve.paths(name) ?? []).map((folder) => join(folder, name, "package.json"));
    const nearest = manifests.find((file) => existsSync(file));
    return nearest !== undefined && isSdk(nearest) ? [require.resolve(name)] : [];
  });
}
