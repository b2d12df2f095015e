import { XmtpTestError, errorText, toError } from "../../errors.js";

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

/** Why a node did not start: its own error where the thread had one (its fields cross the thread, its class does not). */
export function startError(thrown: unknown): Error {
  const cause = thrown instanceof Error ? (thrown.cause as Partial<XmtpTestError> | undefined) : undefined;
  const { code, hint, message } = cause ?? {};
  if (code === undefined || hint === undefined || message === undefined) return listenError(thrown);
  return new XmtpTestError(code, message.slice(0, message.length - hint.length).trimEnd(), hint, { cause });
}
