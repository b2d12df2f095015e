import { XmtpTestError, errorText, toError } from "../errors.js";

/** @throws XmtpTestError `BAD_PORT` */
export function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new XmtpTestError(
    "BAD_PORT",
    `This is no port (${port}).`,
    "Give a whole number from 0 (a free port) to 65535.",
  );
}

/** A failure to listen, as `PORT_IN_USE` with the address where that is what it was. */
export function listenError(thrown: unknown): Error {
  const address = /EADDRINUSE: address already in use ([^\s)]+)/u.exec(errorText(thrown))?.[1];
  if (address === undefined) return toError(thrown);
  return new XmtpTestError(
    "PORT_IN_USE",
    `The node cannot listen, somebody else does (${address}).`,
    "Leave the port out to get a free one, or end whoever holds it.",
    { cause: thrown },
  );
}
