import type { TestInfo } from "@playwright/test";

/**
 * Whether the test function names a fixture in its first parameter, as Playwright itself reads it.
 *
 * Fixtures are set up in the order a test names them, so a fixture cannot otherwise know what comes after
 * it. What only a hook or another fixture asks for is not seen here.
 */
export function testRequests(testInfo: Pick<TestInfo, "fn">, fixture: string): boolean {
  const text = testInfo.fn.toString().replace(comments, " ");
  const start = /^[^(]*\(\s*\{/.exec(text)?.[0].length;
  return start !== undefined && namesIn(text.slice(start)).includes(fixture);
}

/** Comments and texts: neither names a fixture. Texts first, for what looks like a comment in one is none. */
const comments = /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|\/\*[^]*?\*\/|\/\/[^\n]*/g;

/** The names of an object pattern, without what is taken apart in patterns of their own: `page: { url }, alice`. */
function namesIn(pattern: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const char of pattern) {
    if ("}])".includes(char) && depth-- === 0) break;
    if ("{[(".includes(char)) depth++;
    else if (depth === 0 && char === ",") parts.push("");
    else if (depth === 0) parts.push(`${parts.pop() ?? ""}${char}`);
  }
  return parts.map((part) => part.split(/[:=]/)[0]?.trim() ?? "");
}
