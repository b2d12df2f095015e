import { readFileSync } from "node:fs";

/**
 * Whether a URL is the entry of a copy of node-sdk. Its own package.json says so, as its folder may have any name: that
 * of an npm alias, of a store, of a workspace.
 */
export function isEntry(url: string): boolean {
  return /^file:.*\/dist\/index\.js$/.test(url) && isSdk(new URL("../package.json", url));
}

/** Whether a package.json is node-sdk's. */
export function isSdk(manifest: URL | string): boolean {
  try {
    return (JSON.parse(readFileSync(manifest, "utf8")) as { name?: unknown }).name === "@xmtp/node-sdk";
  } catch {
    // None there, as in a dist folder that is no package's; of one that cannot be read Node itself tells.
    return false;
  }
}

/** Where the preload has put what leads a copy of node-sdk to the line. */
export const leadSymbol = "playwright-xmtp.lead";

interface Loaded {
  readonly format?: string | null | undefined;
  readonly source?: unknown;
}

/** Adds to the entry's end what hands its exports to the preload, whatever file holds them. */
export function addLead<T extends Loaded>(url: string, loaded: T): T {
  if (loaded.format !== "module" || loaded.source == null || !isEntry(url)) return loaded;
  const { source } = loaded;
  const text = typeof source === "string" ? source : Buffer.from(source as Uint8Array).toString("utf8");
  const own = JSON.stringify(url);
  return {
    ...loaded,
    source: `${text}
import * as xmtpExports from ${own};
globalThis[${JSON.stringify(leadSymbol)}]?.(xmtpExports, ${own});
`,
  };
}
