/**
 * Leads every copy of `@xmtp/node-sdk` that the app loads to its line: given to Node by `NODE_OPTIONS=--import`, as
 * agent-sdk up to 2.2 and node-sdk up to 5.5 look networks up in a table and have no variable for it. The public
 * networks' names lead to the line too.
 */
import { register } from "node:module";

register("./preload-hooks.js", import.meta.url, {
  data: { url: process.env["XMTP_LINE_URL"], historyUrl: process.env["XMTP_LINE_HISTORY_URL"] },
});
