import { statSync } from "node:fs";
import { XmtpTestError } from "../../errors.js";

/**
 * Looks at a path before the node opens it: opening a pipe would wait for its other end, for good and in a thread that
 * keeps the process alive.
 *
 * @throws XmtpTestError `NOT_A_FILE` for a folder, a pipe, a socket or a device
 */
export function checkRegularFile(file: string, what: string, code = "NOT_A_FILE"): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile()) return;
  const kind = stats.isDirectory()
    ? "a folder"
    : stats.isFIFO()
      ? "a pipe"
      : stats.isSocket()
        ? "a socket"
        : "a device";
  throw new XmtpTestError(
    code,
    `The ${what} ${file} is ${kind}, not a regular file.`,
    "Give the path of a file; it need not exist yet.",
  );
}
