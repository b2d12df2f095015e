/** A package.json written again, indented as `before` is. Two spaces where that is on one line. */
export function manifestText(manifest: object, before: string): string {
  const indent = /^[\t ]+(?=")/m.exec(before)?.[0] ?? 2;
  return `${JSON.stringify(manifest, null, indent)}\n`;
}

interface Manifest {
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The package.json with these among its devDependencies, sorted by name as npm does. */
export function withDevDependencies<M extends Manifest>(
  manifest: M,
  more: Readonly<Record<string, string>>,
): M {
  const all = Object.entries({ ...manifest.devDependencies, ...more });
  all.sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...manifest, devDependencies: Object.fromEntries(all) };
}
