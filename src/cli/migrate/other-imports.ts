import type { CallExpression, ExportDeclaration, Node, SourceFile, StringLiteral } from "ts-morph";
import type { Source } from "./modules.js";
import type { CompatNames } from "./names.js";
import { takenBy } from "./namespaces.js";
import type { TsMorph } from "./tools.js";

/** Module specifiers that lead to the compat entry and stand elsewhere than in an import declaration. */
export interface OtherImports {
  /** What `export … from` and `import(…)` are to name instead. */
  readonly rename: readonly (ExportDeclaration | StringLiteral)[];
  readonly reasons: readonly string[];
}

/**
 * `export { getWorkers } from "@workers/manager"`, `await import("@workers/manager")` and `require`: they too are
 * resolved when the file is loaded or run, and one that leads nowhere stops the whole run.
 *
 * @param sourceOf what a module is
 */
export function otherImports(
  file: SourceFile,
  morph: TsMorph,
  names: CompatNames,
  sourceOf: (specifier: string) => Source,
): OtherImports {
  const rename: (ExportDeclaration | StringLiteral)[] = [];
  const reasons: string[] = [];
  const known = (name: string): boolean => names.values.has(name) || names.types.has(name);
  for (const declaration of file.getExportDeclarations()) {
    const specifier = declaration.getModuleSpecifierValue();
    if (specifier === undefined || sourceOf(specifier).kind !== "compat") continue;
    const unknown = declaration.getNamedExports().filter((one) => !known(one.getName()));
    for (const one of unknown) reasons.push(`${one.getName()} of "${specifier}" has no counterpart`);
    if (declaration.getNamespaceExport()) reasons.push(`export * as … from "${specifier}"`);
    rename.push(declaration);
  }
  for (const call of file.getDescendantsOfKind(morph.SyntaxKind.CallExpression)) {
    const called = call.getExpression().getText();
    const literal = call.getArguments()[0]?.asKind(morph.SyntaxKind.StringLiteral);
    if (!literal || (called !== "import" && called !== "require")) continue;
    const specifier = literal.getLiteralValue();
    const source = sourceOf(specifier);
    if (source.kind !== "compat") continue;
    const whole = outermost(call, morph);
    const taken = whole !== undefined && source.namespace === undefined ? takenBy(whole, morph) : undefined;
    if (called === "require" || taken === undefined) reasons.push(`${called}("${specifier}")`);
    for (const name of taken ?? [])
      if (!known(name)) reasons.push(`${name} of "${specifier}" has no counterpart`);
    rename.push(literal);
  }
  return { rename, reasons };
}

/** The call with its `await`, and the parentheses around that. */
function outermost(call: CallExpression, morph: TsMorph): Node | undefined {
  const around = new Set([morph.SyntaxKind.AwaitExpression, morph.SyntaxKind.ParenthesizedExpression]);
  return call
    .getAncestors()
    .slice(
      0,
      call.getAncestors().findIndex((one) => !around.has(one.getKind())),
    )
    .at(-1);
}
