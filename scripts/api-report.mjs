// npm run api: writes docs/api/*.md, the public names of each entry point with their declarations, as the compiler
// wrote them to dist. With --check it writes nothing, and fails where a file would change.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

/** The entry points of a package: name, and the file of their declarations. */
function entriesOf(root) {
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.entries(exports).flatMap(([key, value]) =>
    typeof value === "string"
      ? []
      : [{ title: key === "." ? name : `${name}${key.slice(1)}`, file: join(root, value.types) }],
  );
}

/** Other packages' declarations are left alone: a report says what is ours, and their types cost seconds. */
function programOf(root, files) {
  const options = {
    noLib: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    allowJs: false,
  };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      if (!text.startsWith(".")) return { resolvedModule: undefined };
      const file = resolve(dirname(from), text.replace(/\.js$/, ".d.ts"));
      if (!existsSync(file)) throw new Error(`${relative(root, from)} needs ${text}: run npm run build`);
      return { resolvedModule: { resolvedFileName: file, extension: ts.Extension.Dts } };
    });
  return ts.createProgram(files, options, host);
}

const isInternal = (node) =>
  ts.getJSDocTags(node).some((tag) => tag.tagName.text === "internal") ||
  (ts.getCombinedModifierFlags(node) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0 ||
  (node.name !== undefined && ts.isPrivateIdentifier(node.name));

/** A declaration without comments, private members, and members marked as internal. */
function printed(node, printer) {
  const visit = (one) => {
    if (ts.isClassElement(one) || ts.isTypeElement(one)) if (isInternal(one)) return undefined;
    return ts.visitEachChild(one, visit, undefined);
  };
  const shown = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const source = node.getSourceFile();
  return printer.printNode(ts.EmitHint.Unspecified, ts.visitEachChild(shown, visit, undefined), source);
}

/** Declared by a file itself, not within something, and not generated from a protobuf. */
function isOfAFile(declaration) {
  const owner = ts.isVariableDeclaration(declaration) ? declaration.parent.parent.parent : declaration.parent;
  return owner !== undefined && ts.isSourceFile(owner) && !owner.fileName.includes("/proto/gen/");
}

/** Names of our own that a declaration mentions and that the entry does not export: they are public all the same. */
function mentioned(node, checker, add) {
  const visit = (one) => {
    if ((ts.isClassElement(one) || ts.isTypeElement(one)) && isInternal(one)) return;
    if (ts.isIdentifier(one)) {
      let symbol = checker.getSymbolAtLocation(one);
      if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
      if (symbol?.declarations?.some(isOfAFile)) add(symbol);
    }
    ts.forEachChild(one, visit);
  };
  visit(node);
}

/** One entry's report: what it exports, then what these mention beside it, each by name. */
function reportOf({ title, file }, program) {
  const checker = program.getTypeChecker();
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  if (!module) throw new Error(`${file} exports nothing`);
  const exported = new Map();
  for (const symbol of checker.getExportsOfModule(module)) {
    const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    exported.set(symbol.name, { symbol: real, typeOnly: isTypeOnly(symbol, checker) });
  }
  const known = new Set([...exported.values()].map(({ symbol }) => symbol));
  const beside = [];
  const add = (symbol) => {
    if (known.has(symbol)) return;
    known.add(symbol);
    beside.push(symbol);
  };
  const block = (name, symbol, note) => {
    const declarations = symbol.declarations ?? [];
    const texts = declarations.map((one) => {
      mentioned(one, checker, add);
      return printed(one, printer);
    });
    const body = texts.length > 0 ? texts.join("\n") : `export { ${name} } // of another package`;
    return `### ${name}${note}\n\n\`\`\`ts\n${body}\n\`\`\`\n`;
  };
  const byName = ([a], [b]) => (a < b ? -1 : 1);
  const first = [...exported]
    .sort(byName)
    .map(([name, { symbol, typeOnly }]) => block(name, symbol, typeOnly ? " (type only)" : ""));
  const second = [];
  // Grows while it is read: what is mentioned mentions more.
  for (const symbol of beside) second.push([symbol.name, block(symbol.name, symbol, "")]);
  const rest = second.sort(([a, one], [b, two]) => (a + one < b + two ? -1 : 1)).map(([, text]) => text);
  return [
    `# ${title}`,
    "Written by `npm run api`. `npm run lint` fails when a file here is stale.",
    "## Exports",
    ...first,
    ...(rest.length > 0 ? ["## Mentioned, but not exported", ...rest] : []),
  ].join("\n\n");
}

/** Exported by `export type`, or something that is a type and no value. */
function isTypeOnly(symbol, checker) {
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (!(real.flags & ts.SymbolFlags.Value)) return false;
  return (symbol.declarations ?? []).some((one) => {
    for (let at = one; at !== undefined && !ts.isSourceFile(at); at = at.parent)
      if (at.isTypeOnly) return true;
    return false;
  });
}

/** The report of each entry point of a built package, by file name. */
export function apiReports(root) {
  const entries = entriesOf(root);
  const program = programOf(
    root,
    entries.map(({ file }) => file),
  );
  return new Map(
    entries.map((entry) => [`${entry.title.replaceAll("/", "-")}.md`, `${reportOf(entry, program)}`]),
  );
}

/** Writes the reports of a built package into its folder `api`, or with `check` says which files would change. */
export function apiReport(root, { check }) {
  const folder = join(root, "api");
  const reports = apiReports(root);
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".md")) : [];
  const gone = found.filter((name) => !reports.has(name));
  const changed = [...reports].filter(
    ([name, text]) => !found.includes(name) || readFileSync(join(folder, name), "utf8") !== text,
  );
  if (!check) {
    mkdirSync(folder, { recursive: true });
    for (const name of gone) rmSync(join(folder, name));
    for (const [name, text] of changed) writeFileSync(join(folder, name), text);
  }
  return [...gone, ...changed.map(([name]) => name)].sort().map((name) => `api/${name}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const check = process.argv.includes("--check");
  const stale = apiReport(process.cwd(), { check });
  if (check && stale.length > 0) {
    console.error(
      `The public API is not as ${stale.join(", ")} say. If that is meant: npm run api, and commit what it writes.`,
    );
    process.exitCode = 1;
  }
}
