import { existsSync, readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { TsMorph } from "./tools.js";

/** Extensions that a relative import may leave out. Never that of JSON: `./agents` is not agents.json. */
const endings = ["", ".ts", ".tsx", ".js", ".mjs", "/index.ts"];

/** The file that a relative import leads to, if it is there. */
export function fileOf(from: string, specifier: string): string | undefined {
  const base = resolve(dirname(from), specifier);
  const candidates = [...endings.map((end) => `${base}${end}`), base.replace(/\.js$/, ".ts")];
  return candidates.find((path) => existsSync(path) && /\.\w+$/.test(path));
}

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
