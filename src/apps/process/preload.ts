/**
 * Leads every copy of `@xmtp/node-sdk` that the app loads to its line: given to Node by `NODE_OPTIONS=--import`, as
 * agent-sdk up to 2.2 and node-sdk up to 5.5 look networks up in a table and have no variable for it.
 *
 * Node before 22.15 has no hooks that see both `import` and `require`, so there each gets its own.
 */
import * as nodeModule from "node:module";
import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { addLead, isEntry, leadSymbol } from "./entry.js";
import { importedSdks } from "./imported-sdks.js";
import { lead, pinGateway } from "./lead.js";

type Compile = (this: NodeJS.Module, content: string, filename: string, format?: string) => unknown;
type SyncHooks = (hooks: {
  load: (
    url: string,
    context: object,
    next: (url: string, context: object) => { format?: string; source?: unknown },
  ) => unknown;
}) => void;

if (process.env["XMTP_LINE_URL"] !== undefined) {
  pinGateway();
  Object.assign(globalThis, { [leadSymbol]: lead });
  const { registerHooks } = nodeModule as { registerHooks?: SyncHooks };
  if (registerHooks) registerHooks({ load: (url, context, next) => addLead(url, next(url, context)) });
  else {
    register("./preload-hooks.js", import.meta.url);
    leadRequired();
  }
}

/** `require` of an ES module hands its text to the CommonJS compiler; what that module imports goes past all hooks. */
function leadRequired(): void {
  const prototype = nodeModule.Module.prototype as unknown as { _compile: Compile };
  const compile = prototype._compile;
  prototype._compile = function (content, filename, format) {
    const result = compile.call(this, content, filename, format);
    const { href } = pathToFileURL(filename);
    if (isEntry(href)) lead(this.exports as object, href);
    else if (format === "module") {
      const require = nodeModule.createRequire(filename);
      for (const sdk of importedSdks(content, require)) lead(require(sdk) as object, pathToFileURL(sdk).href);
    }
    return result;
  };
}
