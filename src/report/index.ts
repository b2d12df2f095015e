import { fileURLToPath } from "node:url";
import { refusePlugNPlay } from "../environment.js";
import { XmtpReporter } from "./reporter.js";
import type { XmtpReporterOptions } from "./reporter.js";

export type { XmtpReporterOptions };
export { XmtpReporter as default };

/**
 * The entry for a config's `reporter` list, with its options checked by the compiler.
 *
 * @throws XmtpTestError `PLUG_N_PLAY` under Yarn's Plug'n'Play
 * @example reporter: [["list"], xmtpReporter({ outputFolder: "xmtp-report" })]
 */
export function xmtpReporter(options: XmtpReporterOptions = {}): readonly [string, XmtpReporterOptions] {
  refusePlugNPlay();
  return [fileURLToPath(import.meta.url), options] as const;
}
