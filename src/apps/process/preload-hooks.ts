import type { InitializeHook, LoadHook } from "node:module";

interface Line {
  readonly url?: string;
  readonly historyUrl?: string;
}

let line: Line = {};

export const initialize: InitializeHook<Line> = (given) => {
  line = given;
};

/** A package's entry, in whatever store: node_modules, pnpm's, a workspace. */
const entry = /\/node-sdk\/dist\/index\.js$/;

/** Adds to the module's end what sets its tables, through its own exports: whatever file holds them. */
export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  if (!entry.test(url) || loaded.format !== "module" || loaded.source === undefined) return loaded;
  const text =
    typeof loaded.source === "string"
      ? loaded.source
      : Buffer.from(loaded.source as Uint8Array).toString("utf8");
  const names = JSON.stringify(["local", "dev", "production"]);
  const set = `
import * as xmtpTables from ${JSON.stringify(url)};
for (const name of ${names}) {
  if (xmtpTables.ApiUrls) xmtpTables.ApiUrls[name] = ${JSON.stringify(line.url ?? "")};
  if (xmtpTables.HistorySyncUrls) xmtpTables.HistorySyncUrls[name] = ${JSON.stringify(line.historyUrl ?? "")};
}
`;
  return { ...loaded, source: `${text}\n${set}` };
};
