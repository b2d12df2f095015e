/** node-sdk's entry, in whatever store: node_modules, pnpm's, a workspace. */
export const entry = /\/node-sdk\/dist\/index\.js$/;

/** Where the preload has put what leads a copy of node-sdk to the line. */
export const leadSymbol = "playwright-xmtp.lead";

interface Loaded {
  readonly format?: string | null | undefined;
  readonly source?: unknown;
}

/** Adds to the entry's end what hands its exports to the preload, whatever file holds them. */
export function addLead<T extends Loaded>(url: string, loaded: T): T {
  if (!entry.test(url) || loaded.format !== "module" || loaded.source == null) return loaded;
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
