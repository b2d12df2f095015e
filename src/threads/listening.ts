import { XmtpTestError, errorText, toError } from "../errors.js";
import { systemHint } from "./system-errors.js";

/** @throws XmtpTestError `BAD_PORT` */
export function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new XmtpTestError(
    "BAD_PORT",
    `This is not a port (${port}).`,
    "Give a whole number from 0 (a free port) to 65535.",
  );
}

/** Why a server cannot listen, by the system's own code. */
const reasons: Readonly<Record<string, readonly [code: string, why: string, hint: string]>> = {
  EADDRINUSE: [
    "PORT_IN_USE",
    "the port is taken",
    "Take another port, 0 for a free one, or end whoever has it.",
  ],
  EACCES: ["BAD_PORT", "the system does not allow it", "Ports below 1024 need rights: take a higher one."],
  EADDRNOTAVAIL: [
    "BAD_HOST",
    "this machine has no such address",
    "Use 127.0.0.1, or an address of this machine.",
  ],
  ENOTFOUND: ["BAD_HOST", "the name is unknown", "Use 127.0.0.1, or an address of this machine."],
};

/** A failure to listen with its address, as what it was; anything else as it is. */
export function listenError(server: string, thrown: unknown): Error {
  const text = errorText(thrown);
  const [, system = "", address = ""] =
    /(EADDRINUSE|EACCES|EADDRNOTAVAIL)(?:: [\w ]+)? ([^\s)]+)/u.exec(text) ??
    /(ENOTFOUND) ([^\s)]+)/u.exec(text) ??
    [];
  const reason = reasons[system];
  if (reason === undefined) return toError(thrown);
  const [code, why, hint] = reason;
  return new XmtpTestError(code, `The ${server} cannot listen on ${address}: ${why}.`, hint, {
    cause: thrown,
  });
}

/** Why a server did not start: its own error where the thread had one (its fields cross the thread, its class does not). */
export function startError(server: string, thrown: unknown): Error {
  const { code, what, hint } = toError(thrown) as Partial<XmtpTestError>;
  if (code !== undefined && what !== undefined && hint !== undefined && code !== "THREAD_ENDED")
    return new XmtpTestError(code, what, hint, { cause: thrown });
  const listening = listenError(server, thrown);
  if (listening instanceof XmtpTestError) return listening;
  return new XmtpTestError(
    "THREAD_START",
    `The ${server} thread failed to start (${errorText(thrown)}).`,
    code === "ERR_MODULE_NOT_FOUND"
      ? "Rebuild with `npm run build`, then run again."
      : (systemHint(thrown) ?? "The cause says where."),
    { cause: thrown },
  );
}
