import { stripVTControlCharacters } from "node:util";

/** The codes of docs/errors.md, in its order. */
export function documentedCodes(page: string): string[] {
  const cells = [...page.matchAll(/^\| (`[A-Z_`, ]+`) +\|/gm)].map(([, cell = ""]) => cell);
  return [
    ...new Set(cells.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, code = ""]) => code))),
  ];
}

/** The codes of which the page says, under a heading of their own, why no test's output shows them. */
export function excusedCodes(page: string): string[] {
  const [, section = ""] = /^## Not in a test's output$(.*)/ms.exec(page) ?? [];
  return documentedCodes(section);
}

/** What the list reporter says of each failed test, by its title: the output below the test's head line. */
export function failures(output: string): Map<string, string> {
  const parts = stripVTControlCharacters(output).split(
    /^ +\d+\) .*?\.mjs:\d+:\d+ › (?:[a-z ]+ › )?([A-Z_]+)\b.*$/m,
  );
  return new Map(parts.flatMap((title, at) => (at % 2 === 1 ? [[title, parts[at + 1] ?? ""] as const] : [])));
}

/** Codes that should be seen and are not, each with the reason; a code is seen where a message begins with it. */
export function unseenCodes(page: string, output: string): string[] {
  const [excused, seen] = [new Set(excusedCodes(page)), failures(output)];
  return documentedCodes(page).flatMap((code) => {
    const text = seen.get(code);
    const begins = new RegExp(`^\\s*(\\[cause\\]: )?(\\w*Error: )?${code}: `, "m");
    if (text === undefined)
      return excused.has(code) ? [] : [`${code}: no test provokes it, and the page does not say why`];
    if (!begins.test(text)) return [`${code}: its test fails with\n${text.trim().slice(0, 500)}`];
    return excused.has(code) ? [`${code}: the page says that no test shows it, and one does`] : [];
  });
}
