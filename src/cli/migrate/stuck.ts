import type { SourceFile, Statement } from "ts-morph";
import type { TsMorph } from "./tools.js";

const opens = /\.stream(All|Dms|Groups|Consent|Preferences)?\w*\s*\([^)]*\)$/;

/**
 * Whether a case iterates a stream right after it opened it, with nothing on its way: it waits for what another hand
 * does, in an app or in a console.
 */
export function waitsForAnotherHand(file: SourceFile, morph: TsMorph): boolean {
  return file.getDescendantsOfKind(morph.SyntaxKind.ForOfStatement).some((loop) => {
    if (!loop.getAwaitKeyword()) return false;
    const source = plain(loop.getExpression().getText());
    const body = loop.getParentIfKind(morph.SyntaxKind.Block);
    if (!body) return false;
    const before = body.getStatements().slice(0, loop.getChildIndex());
    if (before.some((one) => goesOn(one, morph))) return false;
    if (opens.test(source)) return true;
    const last = before.at(-1);
    const opened = last?.getText().match(/^(?:const|let|var)\s+(\w+)[^=]*=\s*(?:await\s+)?([\s\S]*?);?$/);
    return opened?.[1] === source && opens.test(opened[2]?.trim() ?? "");
  });
}

const plain = (text: string): string => text.replace(/^await\s+/, "").trim();

/** A statement whose work goes on behind it: a timer, or a promise that nobody awaits. */
function goesOn(statement: Statement, morph: TsMorph): boolean {
  const calls = statement.getDescendantsOfKind(morph.SyntaxKind.CallExpression);
  if (calls.some((one) => /^(setTimeout|setInterval|setImmediate)$/.test(one.getExpression().getText())))
    return true;
  const expression = statement.asKind(morph.SyntaxKind.ExpressionStatement)?.getExpression();
  if (!expression) return false;
  return (
    expression.isKind(morph.SyntaxKind.VoidExpression) ||
    (expression.isKind(morph.SyntaxKind.CallExpression) && !expression.getText().startsWith("console."))
  );
}

/**
 * Whether a timer starts work that nobody awaits and that does not catch what it awaits itself: vitest ends with an
 * error when that fails, and here its describe does.
 */
export function leavesWorkAlone(file: SourceFile, morph: TsMorph): boolean {
  const { ArrowFunction, FunctionExpression, AwaitExpression, TryStatement, CallExpression } =
    morph.SyntaxKind;
  return file
    .getDescendantsOfKind(CallExpression)
    .filter((call) => /^set(Interval|Timeout)$/.test(call.getExpression().getText()))
    .flatMap((call) => [
      ...call.getDescendantsOfKind(ArrowFunction),
      ...call.getDescendantsOfKind(FunctionExpression),
    ])
    .filter((work) => work.isAsync())
    .some((work) =>
      work.getDescendantsOfKind(AwaitExpression).some((one) => {
        const guards = one
          .getAncestors()
          .filter((above) => above.getPos() >= work.getPos() && above !== work);
        return !guards.some((above) => {
          const guard = above.asKind(TryStatement);
          return (
            guard?.getCatchClause() !== undefined &&
            guard.getTryBlock().containsRange(one.getPos(), one.getEnd())
          );
        });
      }),
    );
}
