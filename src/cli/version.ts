import { readFile } from "node:fs/promises";

/** This package's version, as its package.json has it. */
export async function packageVersion(): Promise<string> {
  const manifest = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
