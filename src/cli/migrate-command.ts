import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { SourceFile } from "ts-morph";
import { XmtpTestError } from "../errors.js";
import { installedSdks } from "../workers/sdk/loading/discover.js";
import { configOf, isEsm, isTest, suiteFiles } from "./migrate/files.js";
import { moveFile } from "./migrate/move-file.js";
import type { Moved } from "./migrate/move-file.js";
import { compatNames } from "./migrate/names.js";
import { goNative } from "./migrate/native.js";
import { fileOf } from "./migrate/there.js";
import { loadTools } from "./migrate/tools.js";
import { undeclaredNames } from "./migrate/undeclared.js";
import { readOptions } from "./options.js";

/** @param left files that were not moved, relative to the config: one that does not load would stop the whole run */
const configFor = (left: readonly string[]): string => `import { defineConfig } from "@playwright/test";

/** Suites that were moved with \`npx playwright-xmtp migrate\`. Each describe is one test, with deadlines of its own. */
export default defineConfig({
  testMatch: "**/*.@(test|spec).?(c|m)[jt]s?(x)",${left.length === 0 ? "" : ignored(left)}
  timeout: 0,
  workers: 2,
  reporter: [["list"], ["html", { open: "never" }], ["playwright-xmtp/reporter"]],
  use: { xmtpEnv: "embedded" } as object,
});
`;

function ignored(left: readonly string[]): string {
  const lines = left.map((path) => `    ${JSON.stringify(`**/${path}`)},`);
  return `\n  // Not moved: see the report of migrate. Take a file out when you have moved it.\n  testIgnore: [\n${lines.join("\n")}\n  ],`;
}

/**
 * \`playwright-xmtp migrate <folder>\`: moves the imports of vitest suites of the on-demand framework to
 * \`playwright-xmtp/compat\`; with \`--native\`, moves what is there already on to this package's own names.
 */
export async function migrateCommand(args: string[]): Promise<void> {
  const [folder, ...rest] = args[0]?.startsWith("-") === false ? args : [".", ...args];
  const options = await readOptions("migrate <folder>", rest, {
    "dry-run": { default: false, help: "show the changes as a diff, write nothing" },
    native: { default: false, help: "second pass: from the compat entry to the package's own names" },
  });
  if (!options) return;
  const root = resolve(folder ?? ".");
  if (!existsSync(root) || !statSync(root).isDirectory())
    throw new XmtpTestError(
      "MIGRATE_FOLDER",
      `There is no folder ${root}.`,
      "Give the folder of the test files.",
    );
  const { morph, diff } = await loadTools(root, (line) => console.error(line));
  const project = new morph.Project({
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
    compilerOptions: { allowJs: true, checkJs: true },
  });
  const files = await suiteFiles(project, root);
  const own = new Map(files.map((file) => [file.getFilePath() as string, file]));
  const before = new Map(files.map((file) => [file.getFilePath() as string, file.getFullText()]));
  const names = compatNames();
  const undeclared = options.native
    ? new Map<string, readonly string[]>()
    : undeclaredNames(project, files, morph);
  const versions = installedSdks().flatMap(({ version, bindingsVersion }) => [version, bindingsVersion]);
  const moved = new Map<string, Moved>();
  for (const file of files) {
    const path = file.getFilePath();
    const known = { undeclared: undeclared.get(path) ?? [], versions };
    moved.set(
      path,
      options.native ? goNative(file, morph) : moveFile(file, morph, names, own, isEsm(dirname(path)), known),
    );
  }
  withDependents(moved, project.getSourceFiles());
  for (const file of files) {
    const path = file.getFilePath();
    const old = before.get(path) ?? "";
    if (moved.get(path)?.state !== "moved" || file.getFullText() === old) continue;
    const name = relative(process.cwd(), path);
    if (options["dry-run"])
      console.log(diff.createTwoFilesPatch(name, name, old, file.getFullText(), "", "", { context: 2 }));
    else await file.save();
  }
  const left = [...moved.values()]
    .filter(({ path, state }) => state === "not moved" && isTest(path))
    .map(({ path }) => relative(root, path).split(sep).join("/"));
  await writeConfig(root, options.native ? [] : left, options["dry-run"]);
  report([...moved.values()], options["dry-run"]);
}

/** A file that runs code of one that was not moved is not moved either. */
function withDependents(moved: Map<string, Moved>, files: readonly SourceFile[]): void {
  for (let again = true; again;) {
    again = false;
    for (const file of files) {
      const path = file.getFilePath();
      if (moved.get(path)?.state === "not moved") continue;
      const stuck = runSpecifiers(file).find(
        (one) => one.startsWith(".") && moved.get(fileOf(path, one) ?? "")?.state === "not moved",
      );
      if (stuck === undefined) continue;
      const reasons = [`it imports ${stuck}, which was not moved`];
      moved.set(path, { path, state: "not moved", reasons, notes: [] });
      again = true;
    }
  }
}

/** What a file imports or exports from elsewhere and is there when it runs: types are not. */
function runSpecifiers(file: SourceFile): string[] {
  const erased = (named: readonly { isTypeOnly(): boolean }[]): boolean =>
    named.length > 0 && named.every((one) => one.isTypeOnly());
  const imports = file
    .getImportDeclarations()
    .filter((one) => !one.isTypeOnly() && !erased(one.getNamedImports()))
    .map((one) => one.getModuleSpecifierValue());
  const given = file
    .getExportDeclarations()
    .filter((one) => !one.isTypeOnly() && !erased(one.getNamedExports()))
    .map((one) => one.getModuleSpecifierValue());
  return [...imports, ...given].filter((one) => one !== undefined);
}

async function writeConfig(root: string, left: readonly string[], dryRun: boolean): Promise<void> {
  const present = configOf(root);
  if (present !== undefined) {
    if (left.length > 0)
      console.log(
        `${relative(process.cwd(), present)} is yours, and stays as it is. Leave these out by its testIgnore, or no test of the run is loaded:\n  ${left.join("\n  ")}`,
      );
    return;
  }
  const path = join(root, "playwright.config.ts");
  console.log(`${dryRun ? "would write" : "wrote"} ${relative(process.cwd(), path)}`);
  if (!dryRun) await writeFile(path, configFor(left));
}

function report(all: readonly Moved[], dryRun: boolean): void {
  const count = (state: Moved["state"]): number => all.filter((one) => one.state === state).length;
  console.log(
    `\n${count("moved")} files ${dryRun ? "would be " : ""}moved, ${count("not moved")} not, ${count("nothing to do")} had nothing to do.`,
  );
  for (const { path, state, reasons, notes } of all) {
    if (reasons.length + notes.length === 0) continue;
    console.log(`\n${relative(process.cwd(), path)}: ${state}`);
    for (const reason of reasons) console.log(`  not moved: ${reason}`);
    for (const { text, fails } of notes) console.log(`  ${fails ? "WILL NOT PASS" : "note"}: ${text}`);
  }
}
