import { XmtpTestError } from "../../errors.js";

/**
 * How live messages reach subscribers: "prompt" at once and all of them; "real" as a real node was measured to do it,
 * by a poll of the store every 25 ms, which passes over a message whose transaction ends late.
 */
export type Realism = "prompt" | "real";

/**
 * The word as a {@link Realism}, for words from a config or the environment.
 *
 * @throws XmtpTestError `INVALID_OPTION` for a word that is neither "prompt" nor "real"
 */
export function checkRealism(given: string): Realism {
  if (given === "prompt" || given === "real") return given;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `realism is ${JSON.stringify(given)}.`,
    'Give "prompt" or "real".',
  );
}
