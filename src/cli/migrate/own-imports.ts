import type { ImportDeclaration, SourceFile } from "ts-morph";
import type { TsMorph } from "./tools.js";

/**
 * Names that a file takes from another file of the suite, and that are not there: an ES module that lacks one does not
 * load, and takes the whole run with it.
 *
 * @param target the file that the import leads to
 * @param isErased whether a name is used in types only
 */
export function missingExports(
  declaration: ImportDeclaration,
  target: SourceFile,
  morph: TsMorph,
  isErased: (name: string) => boolean,
): string[] {
  // What it gives on from elsewhere is not known without reading that too.
  if (target.getExportDeclarations().some((one) => one.getNamedExports().length === 0)) return [];
  const given = exportedNames(target, morph);
  return declaration
    .getNamedImports()
    .filter((one) => !one.isTypeOnly() && !given.has(one.getName()))
    .filter((one) => !isErased(one.getAliasNode()?.getText() ?? one.getName()))
    .map((one) => one.getName());
}

function exportedNames(file: SourceFile, morph: TsMorph): ReadonlySet<string> {
  const names = new Set<string>();
  for (const one of file.getExportDeclarations().flatMap((found) => found.getNamedExports()))
    names.add(one.getAliasNode()?.getText() ?? one.getName());
  if (file.getExportAssignments().length > 0) names.add("default");
  for (const statement of file.getStatements()) {
    if (!/^export\b/.test(statement.getText())) continue;
    const variables = statement.asKind(morph.SyntaxKind.VariableStatement);
    if (variables) {
      for (const one of variables.getDeclarations())
        for (const name of bound(one.getNameNode().getText())) names.add(name);
      continue;
    }
    if (/^export\s+default\b/.test(statement.getText())) names.add("default");
    const declared = [
      statement.asKind(morph.SyntaxKind.FunctionDeclaration),
      statement.asKind(morph.SyntaxKind.ClassDeclaration),
      statement.asKind(morph.SyntaxKind.InterfaceDeclaration),
      statement.asKind(morph.SyntaxKind.TypeAliasDeclaration),
      statement.asKind(morph.SyntaxKind.EnumDeclaration),
      statement.asKind(morph.SyntaxKind.ModuleDeclaration),
    ].find((one) => one !== undefined);
    const name = declared?.getName();
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** `a`, or the names of a pattern: `{ a, b: c }`. */
function bound(pattern: string): string[] {
  return pattern.match(/[A-Za-z_$][\w$]*/g) ?? [];
}
