import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The version of the installed `@xmtp/node-sdk`, read without loading its native code. */
export function installedSdkVersion(): string {
  const path = createRequire(import.meta.url).resolve("@xmtp/node-sdk/package.json");
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  return version;
}
