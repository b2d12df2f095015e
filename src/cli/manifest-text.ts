/** How a package.json is indented: as it is written again. Two spaces where it is on one line. */
export function indentOf(text: string): string | number {
  return /^[\t ]+(?=")/m.exec(text)?.[0] ?? 2;
}
