import type { Node, SourceFile } from "ts-morph";
import type { TsMorph } from "./tools.js";

/** Workers that a file asks for by name, and must have, and that none of its calls of `getWorkers` makes. */
export function strangers(file: SourceFile, morph: TsMorph): string[] {
  const calls = file.getDescendantsOfKind(morph.SyntaxKind.CallExpression);
  const made = new Set<string>();
  for (const call of calls.filter((one) => one.getExpression().getText() === "getWorkers")) {
    const names = namesIn(call.getArguments()[0], morph);
    // Made at run time: who is there is not known.
    if (names === undefined) return [];
    for (const name of names) made.add(base(name));
  }
  if (made.size === 0) return [];
  const asked = calls
    .filter((call) => {
      const access = call.getExpressionIfKind(morph.SyntaxKind.PropertyAccessExpression);
      if (!access) return false;
      if (!/workers$/i.test(access.getExpression().getText())) return false;
      const needed = call.getParent()?.isKind(morph.SyntaxKind.NonNullExpression);
      return access.getName() === "mustGet" || (access.getName() === "get" && needed);
    })
    .map((call) => call.getArguments()[0]?.asKind(morph.SyntaxKind.StringLiteral)?.getLiteralText())
    .filter((name) => name !== undefined);
  return [...new Set(asked)].filter((name) => !made.has(base(name)));
}

const base = (name: string): string => (name.trim().split("-")[0] ?? "").trim();

/** The names in a list or a map of them; undefined where one is not written out. */
function namesIn(given: Node | undefined, morph: TsMorph): string[] | undefined {
  const { ArrayLiteralExpression, ObjectLiteralExpression, PropertyAssignment, StringLiteral } =
    morph.SyntaxKind;
  const list = given?.asKind(ArrayLiteralExpression)?.getElements();
  const map = given?.asKind(ObjectLiteralExpression)?.getProperties();
  const names = list
    ? list.map((one) => one.asKind(StringLiteral)?.getLiteralText())
    : map?.map((one) =>
        one
          .asKind(PropertyAssignment)
          ?.getName()
          .replace(/^["']|["']$/g, ""),
      );
  return names?.every((name) => name !== undefined) === true ? names : undefined;
}
