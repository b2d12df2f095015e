import type { CallExpression, SourceFile } from "ts-morph";
import { entry } from "./move-file.js";
import type { Moved } from "./move-file.js";
import type { TsMorph } from "./tools.js";

/** Names of the compat entry that mean the same by the package's own name. */
const renamed: Readonly<Record<string, string>> = {
  newGroup: "createGroup",
  newDm: "createDm",
  newGroupWithIdentifiers: "createGroupWithIdentifiers",
  newDmWithIdentifier: "createDmWithIdentifier",
  mustGet: "get",
  mustGetCreator: "getCreator",
  mustGetReceiver: "getReceiver",
};

/** Values of the compat entry that a file may use and still be moved. */
const plain = new Set(["describe", "it", "test", "expect", "getWorkers", "typeofStream", "typeOfSync"]);

/**
 * The second pass: a file whose describe holds nothing but cases, and whose cases make their own workers, becomes
 * `test.describe` with tests that take the fixture `getWorkers`. Every other file stays on the compat entry, with the
 * reason.
 */
export function goNative(file: SourceFile, morph: TsMorph): Moved {
  const path = file.getFilePath();
  const declaration = file.getImportDeclarations().find((one) => one.getModuleSpecifierValue() === entry);
  if (!declaration) return { path, state: "nothing to do", reasons: [], notes: [] };
  const values = declaration
    .getNamedImports()
    .filter((one) => !one.isTypeOnly() && !declaration.isTypeOnly());
  const reasons = values
    .map((one) => one.getName())
    .filter((name) => !plain.has(name))
    .map((name) => `${name} has no counterpart of the same form`);
  if (declaration.getNamedImports().some((one) => one.isTypeOnly()))
    reasons.push("it names types of the compat entry");
  const calls = file.getDescendantsOfKind(morph.SyntaxKind.CallExpression);
  const named = (name: string): CallExpression[] =>
    calls.filter((one) => one.getExpression().getText() === name);
  const describes = named("describe");
  const cases = [...named("it"), ...named("test")];
  if (
    calls.some((one) =>
      /^(it|test|describe)\.(each|skip|only|todo|fails|skipIf|runIf)/.test(one.getExpression().getText()),
    )
  )
    reasons.push("a describe or case with a modifier");
  if (describes.some((one) => one.getArguments()[1]?.getText().startsWith("async") === true))
    reasons.push("an async describe: its workers live at its scope");
  const inCase = (one: CallExpression): boolean =>
    one.getAncestors().some((node) => cases.some((found) => found === node));
  if (named("getWorkers").some((one) => !inCase(one))) reasons.push("workers that live at describe scope");
  if (named("getWorkers").some((one) => one.getArguments().length > 1))
    reasons.push("getWorkers with options");
  if (/\.send\(|\.get\(\d|initializationTime|\.folder\b|\.sdk\b|\.collect\w+\(/.test(file.getText()))
    reasons.push("verbs whose arguments or results differ (send, collect…, folder, sdk)");
  if (reasons.length > 0) return { path, state: "not moved", reasons: [...new Set(reasons)], notes: [] };
  for (const one of [...cases].reverse()) {
    const uses = one
      .getDescendantsOfKind(morph.SyntaxKind.CallExpression)
      .some((call) => call.getExpression().getText() === "getWorkers");
    const body = one.getArguments()[1];
    if (uses && body?.getKind() === morph.SyntaxKind.ArrowFunction)
      body.replaceWithText(body.getText().replace(/^(async\s*)?\(\s*\)/, "async ({ getWorkers })"));
    one.getExpression().replaceWithText("test");
  }
  for (const one of file.getDescendantsOfKind(morph.SyntaxKind.CallExpression))
    if (one.getExpression().getText() === "describe") one.getExpression().replaceWithText("test.describe");
  for (const access of file.getDescendantsOfKind(morph.SyntaxKind.PropertyAccessExpression).reverse()) {
    const name = renamed[access.getName()];
    if (name !== undefined) access.getNameNode().replaceWithText(name);
  }
  const kept = values
    .map((one) => one.getName())
    .filter((name) => /^(expect|typeof\w+|typeOf\w+)$/.test(name));
  file
    .getImportDeclarations()
    .find((one) => one.getModuleSpecifierValue() === entry)
    ?.replaceWithText(`import { ${[...kept, "test"].join(", ")} } from "playwright-xmtp";`);
  return { path, state: "moved", reasons: [], notes: [] };
}
