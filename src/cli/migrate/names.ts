import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The names of the compat entry. */
export interface CompatNames {
  readonly values: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

/** Read from the entry's own declarations, so that the two cannot differ. */
export function compatNames(): CompatNames {
  const values = new Set<string>();
  const types = new Set<string>();
  const entry = fileURLToPath(new URL("../../compat/index.d.ts", import.meta.url));
  collect(entry, values, types);
  return { values, types };
}

function collect(file: string, values: Set<string>, types: Set<string>): void {
  const text = readFileSync(file, "utf8");
  for (const [, kind, list] of text.matchAll(/export (type )?\{([^}]*)\}/g)) {
    for (const part of (list ?? "").split(",")) {
      const name =
        part
          .trim()
          .split(/\s+as\s+/)
          .at(-1)
          ?.trim() ?? "";
      if (name !== "") (kind === undefined ? values : types).add(name);
    }
  }
  for (const [, kind, name] of text.matchAll(
    /export (?:declare )?(const|function|class|interface|type|enum|async function) (\w+)/g,
  )) {
    if (name === undefined) continue;
    if (kind === "interface" || kind === "type") types.add(name);
    else values.add(name);
  }
  for (const [, from] of text.matchAll(/export \* from "(\.[^"]*)\.js"/g)) {
    const next = join(dirname(file), `${from}.d.ts`);
    if (existsSync(next)) collect(next, values, types);
  }
}
