import { XmtpTestError } from "../../errors.js";

/** A change that could not be kept, and was taken back. */
export class NotStoredError extends XmtpTestError {
  /** The system's own words, for example "ENOSPC: no space left on device, write". */
  readonly reason: string;

  constructor(file: string, reason: string, options?: { cause?: unknown }) {
    super(
      "STATE_NOT_STORED",
      `${file} takes no changes (${reason}). They are refused, and those before are safe.`,
      "Free some space, or repair the disk: the node then continues by itself, and a client may send again.",
      options,
    );
    this.reason = reason;
  }
}
