import type { ImportDeclaration, SourceFile } from "ts-morph";
import { isTest } from "./files.js";
import { sourceOf } from "./modules.js";
import type { Source } from "./modules.js";
import type { CompatNames } from "./names.js";
import { namespacesOf, unknownMembers } from "./namespaces.js";
import { notesOf } from "./notes.js";
import type { Known } from "./notes.js";
import { otherImports } from "./other-imports.js";
import { missingExports } from "./own-imports.js";
import { fileOf, isInstalled } from "./there.js";
import type { TsMorph } from "./tools.js";

export const entry = "playwright-xmtp/compat";

/** What became of one file. */
export interface Moved {
  readonly path: string;
  readonly state: "moved" | "not moved" | "nothing to do";
  /** Why it was not moved. */
  readonly reasons: readonly string[];
  readonly notes: readonly { readonly text: string; readonly fails: boolean }[];
}

/**
 * Moves one file's imports to the compat entry. A file that has anything this does not understand stays as it is.
 *
 * @param ownFiles files of the suite itself: what is imported from them stays
 * @param known what was found out of the file before
 */
export function moveFile(
  file: SourceFile,
  morph: TsMorph,
  names: CompatNames,
  ownFiles: ReadonlyMap<string, SourceFile>,
  esm: boolean,
  known: Known,
): Moved {
  const path = file.getFilePath();
  const reasons: string[] = [];
  const globals = known.undeclared.filter((name) => vitestGlobals.has(name));
  const undeclared = known.undeclared.filter((name) => !vitestGlobals.has(name));
  const plans: {
    readonly declaration: ImportDeclaration;
    readonly drop: boolean;
    readonly specifiers: string[];
  }[] = [];
  const missingTypes: string[] = [];
  const namespaces: ImportDeclaration[] = [];
  const whereTo = (specifier: string): Source =>
    sourceOf(specifier, (one) => ownFiles.has(fileOf(path, one) ?? ""));
  for (const declaration of file.getImportDeclarations()) {
    const specifier = declaration.getModuleSpecifierValue();
    const found = whereTo(specifier);
    const missing = found.kind === "other" && !typesOnly(declaration) && !isThere(morph, path, specifier);
    // What the compat entry has too needs no file of the suite, and no package.
    const source = missing && allKnown(declaration, names) ? ({ kind: "compat" } as const) : found;
    if (missing && source === found) reasons.push(missingText(specifier));
    if (source.kind === "other") {
      const target = specifier.startsWith(".") ? ownFiles.get(fileOf(path, specifier) ?? "") : undefined;
      if (target)
        for (const name of missingExports(declaration, target, morph, (one) => isOnlyType(one, declaration)))
          reasons.push(`${specifier} has no ${name}`);
      continue;
    }
    if (source.kind === "compat" && source.namespace === undefined && declaration.getNamespaceImport()) {
      reasons.push(...namespaceReasons(declaration, names, morph));
      namespaces.push(declaration);
      continue;
    }
    const plan = planOf(declaration, source, names, reasons, missingTypes);
    plans.push({ declaration, drop: source.kind === "drop", specifiers: plan });
  }
  const others = otherImports(file, morph, names, whereTo);
  reasons.push(...others.reasons, ...topLevelCalls(file, morph));
  for (const name of globals)
    if (!names.values.has(name)) reasons.push(`${name} of "vitest" has no counterpart`);
  const json = esm ? jsonImports(file) : [];
  const rest = [...namespaces, ...others.rename];
  if (plans.length + rest.length + json.length + globals.length === 0)
    return { path, state: "nothing to do", reasons: [], notes: [] };
  if (isTest(path) && !hasCases(file, morph))
    reasons.push("it has no case: what it does, it does when it is loaded");
  if (reasons.length > 0) return { path, state: "not moved", reasons, notes: [] };
  const notes = notesOf(file, morph, { ...known, undeclared });
  for (const name of missingTypes)
    notes.push({ text: `type ${name} has no counterpart: it became any`, fails: false });
  for (const one of rest)
    if ("setModuleSpecifier" in one) one.setModuleSpecifier(entry);
    else one.setLiteralValue(entry);
  const specifiers = [...new Set([...plans.flatMap((plan) => plan.specifiers), ...globals])].sort(byName);
  const [first] = plans;
  for (const { declaration } of plans) if (declaration !== first?.declaration) declaration.remove();
  const line = `import { ${specifiers.join(", ")} } from "${entry}";`;
  if (!first) {
    if (specifiers.length > 0) file.insertStatements(0, line);
  } else if (specifiers.length === 0) first.declaration.remove();
  else first.declaration.replaceWithText(line);
  for (const declaration of json) declaration.setAttributes([{ name: "type", value: "json" }]);
  if (missingTypes.length > 0) {
    const at = file.getImportDeclarations().length;
    file.insertStatements(
      at,
      [...new Set(missingTypes)].map((name) => `type ${name} = any;`),
    );
  }
  callProperties(file, morph);
  return { path, state: "moved", reasons: [], notes };
}

/** Nothing of it is there when the file runs. */
function typesOnly(declaration: ImportDeclaration): boolean {
  const named = declaration.getNamedImports();
  const whole = declaration.getDefaultImport() ?? declaration.getNamespaceImport();
  const erased = named.length > 0 && named.every((one) => one.isTypeOnly());
  return declaration.isTypeOnly() || (whole === undefined && erased);
}

function allKnown(declaration: ImportDeclaration, names: CompatNames): boolean {
  const named = declaration.getNamedImports();
  const whole = declaration.getDefaultImport() ?? declaration.getNamespaceImport();
  const known = (name: string): boolean => names.values.has(name) || names.types.has(name);
  return whole === undefined && named.length > 0 && named.every((one) => known(one.getName()));
}

/** Whether an import leads to a file, or to a package. */
function isThere(morph: TsMorph, from: string, specifier: string): boolean {
  return specifier.startsWith(".")
    ? fileOf(from, specifier) !== undefined
    : isInstalled(morph, from, specifier);
}

function missingText(specifier: string): string {
  if (specifier.startsWith(".")) return `it imports ${specifier}, and there is no such file`;
  return `it imports ${specifier}, which is not installed`;
}

function planOf(
  declaration: ImportDeclaration,
  source: { readonly kind: string; readonly namespace?: string },
  names: CompatNames,
  reasons: string[],
  missingTypes: string[],
): string[] {
  const specifier = declaration.getModuleSpecifierValue();
  const specifiers: string[] = [];
  const isJs = /\.[cm]?jsx?$/.test(declaration.getSourceFile().getFilePath());
  const namespace = declaration.getNamespaceImport()?.getText();
  if (namespace !== undefined && source.namespace !== undefined)
    specifiers.push(source.namespace === namespace ? namespace : `${source.namespace} as ${namespace}`);
  const whole = declaration.getDefaultImport()?.getText();
  if (whole !== undefined && source.kind !== "drop")
    reasons.push(`the default export of "${specifier}" (${whole})`);
  for (const named of declaration.getNamedImports()) {
    const name = named.getName();
    const alias = named.getAliasNode()?.getText();
    const text = alias === undefined ? name : `${name} as ${alias}`;
    const typeOnly = declaration.isTypeOnly() || named.isTypeOnly();
    // JavaScript has no types to name: what only types would use is not used at all.
    if (isJs && !names.values.has(name) && isOnlyType(alias ?? name, declaration)) continue;
    if (names.values.has(name)) specifiers.push(typeOnly ? `type ${text}` : text);
    else if (names.types.has(name) && !isJs) specifiers.push(`type ${text}`);
    else if (typeOnly || isOnlyType(alias ?? name, declaration)) missingTypes.push(alias ?? name);
    else reasons.push(`${name} of "${specifier}" has no counterpart`);
  }
  return specifiers;
}

/** Why the names that are taken through a namespace cannot all be taken from the compat entry. */
function namespaceReasons(declaration: ImportDeclaration, names: CompatNames, morph: TsMorph): string[] {
  const specifier = declaration.getModuleSpecifierValue();
  const namespace = declaration.getNamespaceImport()?.getText() ?? "";
  const whole = declaration.getDefaultImport()?.getText();
  const reasons = whole === undefined ? [] : [`the default export of "${specifier}" (${whole})`];
  const unknown = unknownMembers(namespace, declaration, names, morph);
  if (unknown === undefined)
    return [...reasons, `import * as ${namespace} from "${specifier}", used as a whole`];
  return [...reasons, ...unknown.map((name) => `${name} of "${specifier}" has no counterpart`)];
}

/** Whether a name is used in types only. */
function isOnlyType(text: string, declaration: ImportDeclaration): boolean {
  const file = declaration.getSourceFile();
  const uses = file
    .getDescendants()
    .filter((node) => node.getKindName() === "Identifier" && node.getText() === text)
    .filter((node) => node.getFirstAncestor((one) => one === declaration) === undefined);
  return uses.every((node) =>
    /^(TypeReference|TypeQuery|ExpressionWithTypeArguments|QualifiedName)$/.test(
      node.getParent()?.getKindName() ?? "",
    ),
  );
}

/** What vitest gives without an import where its config says so. */
const vitestGlobals: ReadonlySet<string> = new Set(
  "describe suite it test expect vi beforeAll afterAll beforeEach afterEach".split(" "),
);

/** A file without one is a script: moved, it would run when Playwright lists the tests, and might end the process. */
function hasCases(file: SourceFile, morph: TsMorph): boolean {
  return file
    .getDescendantsOfKind(morph.SyntaxKind.CallExpression)
    .some((call) => /^(describe|suite|it|test)\b/.test(bare(call.getExpression().getText(), file)));
}

/** What is called, without the namespace it was taken from: `vitest.it` is `it`. */
function bare(called: string, file: SourceFile): string {
  const [first, ...rest] = called.split(".");
  return namespacesOf(file).includes(first ?? "") ? rest.join(".") : called;
}

const hooks = new Set([
  "beforeAll",
  "afterAll",
  "beforeEach",
  "afterEach",
  "setupDurationTracking",
  "setupTestLifecycle",
]);

/** Hooks that are in no describe, and workers made outside of one: what runs when the file is loaded. */
function topLevelCalls(file: SourceFile, morph: TsMorph): string[] {
  const { ArrowFunction, FunctionExpression, FunctionDeclaration, MethodDeclaration } = morph.SyntaxKind;
  const functions = new Set([ArrowFunction, FunctionExpression, FunctionDeclaration, MethodDeclaration]);
  const names = file
    .getDescendantsOfKind(morph.SyntaxKind.CallExpression)
    .filter((call) => !call.getAncestors().some((one) => functions.has(one.getKind())))
    .map((call) => bare(call.getExpression().getText(), file))
    .filter((name) => hooks.has(name) || name === "getWorkers");
  return [...new Set(names)].map((name) => `${name}() outside of a describe`);
}

function jsonImports(file: SourceFile): ImportDeclaration[] {
  return file
    .getImportDeclarations()
    .filter((one) => /^\..*\.json$/.test(one.getModuleSpecifierValue()) && one.getAttributes() === undefined);
}

/** `consentState` was a property up to 4.x; the compat entry has it as the method of later versions. */
function callProperties(file: SourceFile, morph: TsMorph): void {
  const found = file
    .getDescendantsOfKind(morph.SyntaxKind.PropertyAccessExpression)
    .filter((one) => one.getName() === "consentState")
    .filter((one) => {
      const parent = one.getParent();
      if (!parent) return false;
      const called = parent.getKind() === morph.SyntaxKind.CallExpression && parent.getFirstChild() === one;
      const assigned =
        parent.getKind() === morph.SyntaxKind.BinaryExpression &&
        /^[^=]*=[^=]/.test(parent.getText().slice(one.getText().length));
      return !called && !assigned;
    });
  for (const one of found.reverse()) one.replaceWithText(`${one.getText()}()`);
}

const byName = (a: string, b: string): number =>
  a.replace(/^type /, "").localeCompare(b.replace(/^type /, ""));
