import type { LoadHook } from "node:module";
import { addLead } from "./entry.js";

/** For Node before 22.15, where hooks for `import` run in a thread of their own. */
export const load: LoadHook = async (url, context, next) => addLead(url, await next(url, context));
