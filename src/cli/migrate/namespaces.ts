import type { Identifier, ImportDeclaration, Node, SourceFile } from "ts-morph";
import type { CompatNames } from "./names.js";
import type { TsMorph } from "./tools.js";

/**
 * Names that a file takes through a namespace (`import * as vitest from "vitest"`), by how they are used.
 *
 * @returns what has no counterpart in the compat entry; `undefined` where the namespace is used as a whole, so that
 * nobody can tell what is taken from it
 */
export function unknownMembers(
  namespace: string,
  declaration: ImportDeclaration,
  names: CompatNames,
  morph: TsMorph,
): string[] | undefined {
  const unknown = new Set<string>();
  for (const use of usesOf(namespace, declaration, morph)) {
    const taken = takenBy(use, morph);
    if (taken === undefined) return undefined;
    for (const name of taken) if (!names.values.has(name) && !names.types.has(name)) unknown.add(name);
  }
  return [...unknown];
}

function usesOf(namespace: string, declaration: ImportDeclaration, morph: TsMorph): Identifier[] {
  return declaration
    .getSourceFile()
    .getDescendantsOfKind(morph.SyntaxKind.Identifier)
    .filter((one) => one.getText() === namespace)
    .filter((one) => one.getFirstAncestor((above) => above === declaration) === undefined)
    .filter((one) => !isNameOfMember(one, morph));
}

/** `other.vitest`, `{ vitest: 1 }`: the same word, another thing. */
function isNameOfMember(node: Identifier, morph: TsMorph): boolean {
  const parent = node.getParent();
  const access = parent.asKind(morph.SyntaxKind.PropertyAccessExpression);
  if (access) return access.getNameNode() === node;
  return parent.asKind(morph.SyntaxKind.PropertyAssignment)?.getNameNode() === node;
}

/** `ns.name`, `ns.Type`, `const { name } = ns`. */
export function takenBy(use: Identifier | Node, morph: TsMorph): string[] | undefined {
  const parent = use.getParent();
  const access = parent?.asKind(morph.SyntaxKind.PropertyAccessExpression);
  if (access) return [access.getName()];
  const type = parent?.asKind(morph.SyntaxKind.QualifiedName);
  if (type) return [type.getRight().getText()];
  const pattern = parent
    ?.asKind(morph.SyntaxKind.VariableDeclaration)
    ?.getNameNode()
    .asKind(morph.SyntaxKind.ObjectBindingPattern);
  const elements = pattern?.getElements();
  if (!elements || elements.some((one) => one.getDotDotDotToken() !== undefined)) return undefined;
  return elements.map((one) => (one.getPropertyNameNode() ?? one.getNameNode()).getText());
}

/** The namespaces that a file's imports make, so that `vitest.it(…)` is known for a case. */
export function namespacesOf(file: SourceFile): string[] {
  return file
    .getImportDeclarations()
    .map((one) => one.getNamespaceImport()?.getText())
    .filter((name) => name !== undefined);
}
