import { statSync } from "node:fs";

/** Servers that the build makes one file of (scripts/bundle-threads.mjs). */
export type ThreadName = "node" | "toxiproxy";

/**
 * The file that a thread is started with: the one made by the build, where there is one and nothing was compiled since;
 * else what was compiled. One file starts in a third of the time.
 *
 * @param dist the build's folder, with a slash at its end
 */
export function threadEntry(name: ThreadName, compiled: URL, dist = new URL("../../", import.meta.url)): URL {
  const bundle = new URL(`threads/${name}.js`, dist);
  const made = changedAt(bundle);
  // A package has no build information, and was made in one go.
  const built = changedAt(new URL(".tsbuildinfo", dist)) ?? 0;
  return made !== undefined && made >= built ? bundle : compiled;
}

/** Milliseconds since 1970; undefined where there is no such file. */
function changedAt(file: URL): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
