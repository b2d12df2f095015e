import type { Node, Project, SourceFile } from "ts-morph";
import type { TsMorph } from "./tools.js";

/** TypeScript's codes for a name that nothing declares: plain, misspelt, in an object literal, or "install its types". */
const undeclaredCodes: ReadonlySet<number> = new Set([
  2304, 2552, 18004, 2580, 2581, 2582, 2584, 2591, 2592, 2593,
]);

/** What a module has besides the globals of Node. */
const moduleNames: ReadonlySet<string> = new Set(["require", "module", "exports", "__dirname", "__filename"]);

/**
 * Names that a file's code uses and that nothing declares, by path: vitest's globals, and what was forgotten. Types
 * do not count, as nothing of them is there when the file runs.
 */
export function undeclaredNames(
  project: Project,
  files: readonly SourceFile[],
  morph: TsMorph,
): ReadonlyMap<string, readonly string[]> {
  const program = project.getProgram();
  return new Map(
    files.map((file) => {
      const names = program
        .getSemanticDiagnostics(file)
        .filter((one) => undeclaredCodes.has(one.getCode()))
        .map((one) => file.getDescendantAtPos(one.getStart() ?? 0))
        .filter((node): node is Node => node !== undefined && isRun(node, morph))
        .map((node) => node.getText())
        .filter((name) => !(name in globalThis) && !moduleNames.has(name));
      return [file.getFilePath(), [...new Set(names)]] as const;
    }),
  );
}

/** `typeof name` never throws, and a type is not there when the file runs. */
function isRun(node: Node, morph: TsMorph): boolean {
  const { TypeOfExpression, TypeReference, TypeQuery, ExpressionWithTypeArguments, QualifiedName } =
    morph.SyntaxKind;
  const erased = [TypeOfExpression, TypeReference, TypeQuery, ExpressionWithTypeArguments, QualifiedName];
  const parent = node.getParent();
  return parent === undefined || !erased.includes(parent.getKind());
}
