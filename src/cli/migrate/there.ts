import { existsSync, readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import type { TsMorph } from "./tools.js";

/**
 * Whether an import of a package leads anywhere: to what is installed, or by a path alias of the nearest tsconfig,
 * which Playwright follows too.
 */
export function isInstalled(morph: TsMorph, from: string, specifier: string): boolean {
  if (isBuiltin(specifier)) return true;
  try {
    createRequire(from).resolve(specifier);
    return true;
  } catch (error) {
    // Any other refusal is a package's own: it is there, for `import` only.
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") return true;
  }
  return aliasesOf(morph, from).some((alias) =>
    alias.endsWith("*") ? specifier.startsWith(alias.slice(0, -1)) : specifier === alias,
  );
}

function aliasesOf(morph: TsMorph, from: string): string[] {
  for (let at = dirname(from); ; at = dirname(at)) {
    const path = join(at, "tsconfig.json");
    if (existsSync(path)) {
      const read = morph.ts.readConfigFile(path, (one) => readFileSync(one, "utf8"));
      const { compilerOptions } = (read.config ?? {}) as { compilerOptions?: { paths?: object } };
      return Object.keys(compilerOptions?.paths ?? {});
    }
    if (dirname(at) === at) return [];
  }
}
