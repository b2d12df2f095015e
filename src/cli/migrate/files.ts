import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { Project, SourceFile } from "ts-morph";
import { frameworkFolders } from "./modules.js";
import { fileOf } from "./there.js";

const skipped = new Set(["node_modules", "dist", ".git", "test-results", "playwright-report", "coverage"]);

/** The test files below a folder, and what they import of the suite's own. Never the framework's own files. */
export async function suiteFiles(project: Project, folder: string): Promise<SourceFile[]> {
  const found = new Map<string, SourceFile>();
  const queue = await testFiles(folder);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue;
    const file = project.addSourceFileAtPath(path);
    found.set(path, file);
    for (const specifier of specifiersOf(file)) {
      const next = specifier.startsWith(".") ? fileOf(path, specifier) : undefined;
      if (next !== undefined && isCode(next) && !isFramework(folder, next)) queue.push(next);
    }
  }
  return [...found.values()].sort((a, b) => a.getFilePath().localeCompare(b.getFilePath()));
}

const isCode = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path);

/** Whether a file holds tests, by its name: what Playwright takes for one where its config does not say. */
export const isTest = (path: string): boolean => /\.(test|spec)\.[cm]?[jt]sx?$/.test(path);

/** Where a file's own `import` and `export … from` lead. */
function specifiersOf(file: SourceFile): string[] {
  const given = file.getExportDeclarations().map((one) => one.getModuleSpecifierValue());
  return [...file.getImportDeclarations().map((one) => one.getModuleSpecifierValue()), ...given].filter(
    (one) => one !== undefined,
  );
}

async function testFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : await testFiles(path);
      return isTest(entry.name) ? [path] : [];
    }),
  );
  return below.flat();
}

/** Inside one of the framework's own folders, seen from the folder or from anywhere above the file. */
function isFramework(folder: string, path: string): boolean {
  const parts = relative(folder, path).split(sep).slice(0, -1);
  return parts.some((part) => frameworkFolders.has(part));
}

/** Whether files of a folder are ES modules: its nearest package.json says so. */
export function isEsm(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = join(at, "package.json");
    if (existsSync(manifest))
      return (JSON.parse(readFileSync(manifest, "utf8")) as { type?: string }).type === "module";
    if (dirname(at) === at) return false;
  }
}

/** The Playwright config that holds for a folder: its own, or one above it up to the package. */
export function configOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    for (const end of ["ts", "js", "mts", "mjs"]) {
      const path = join(at, `playwright.config.${end}`);
      if (existsSync(path)) return path;
    }
    if (existsSync(join(at, "package.json")) || dirname(at) === at) return undefined;
  }
}
