import { XmtpTestError } from "../errors.js";
import { timeoutOf } from "../async/timeout.js";
import type { TimeoutOption } from "../async/timeout.js";

/**
 * What tells that an app is ready, each time it starts:
 *
 * - `"subscription"`: the node has a live stream of its messages, so whatever is sent from now on reaches it. Streams are
 *   `SubscribeGroupMessages`, `SubscribeTopics`, `SubscribeEnvelopes`, and `Subscribe` once it follows a group. An app that
 *   subscribes to welcomes only, as node-sdk 6 does before its first conversation, is ready when it has made no call for
 *   2,000 ms by the node's clock, or after 10,000 ms if it never rests. Needs the embedded node.
 * - A pattern that its output matches; named groups are in `app.fields` from then on.
 * - A URL that answers with a status below 404, as Playwright's `webServer` takes it.
 */
export type Ready = "subscription" | RegExp | { readonly url: string };

/** `timeout`: how long it may take to be ready. Default 60,000 ms. */
export interface LaunchOptions extends TimeoutOption {
  /**
   * A shell command, as you type it: `node bot.mjs`, `npm start`, `pnpm --filter bot dev`, `python3 bot.py`. It runs in
   * a process group of its own; whatever it starts there ends with it.
   */
  readonly command: string;
  /** Where it runs. Default: the current folder. */
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: "subscription". */
  readonly ready?: Ready;
  /** Wallet key of its inbox, 32 bytes in hex. Default: a fresh one. Never in output or reports. */
  readonly walletKey?: string;
  /** Encryption key of its database, 32 bytes in hex. Default: a fresh one. */
  readonly dbKey?: string;
}

const known = ["command", "cwd", "env", "ready", "walletKey", "dbKey", "timeout", "timeoutMs"];

/** @throws XmtpTestError `INVALID_OPTION` for what `launch` cannot take; a key's value is not told */
export function checkLaunchOptions(name: string, options: unknown): asserts options is LaunchOptions {
  const refuse = (what: string, todo: string): never => {
    throw new XmtpTestError("INVALID_OPTION", `launch("${name}") got ${what}.`, todo);
  };
  const example = 'For example launch("bot", { command: "node bot.mjs" }).';
  if (typeof options !== "object" || options === null)
    return refuse(`${options === null ? "null" : typeof options} instead of options`, example);
  for (const field of Object.keys(options))
    if (!known.includes(field)) refuse(`the option "${field}"`, `It takes ${known.slice(0, -1).join(", ")}.`);
  const { command, ready, cwd, ...rest } = options as Record<string, unknown>;
  if (typeof command !== "string" || command.trim() === "")
    refuse(`the command ${JSON.stringify(command)}`, example);
  if (cwd !== undefined && typeof cwd !== "string")
    refuse(`cwd ${JSON.stringify(cwd)}`, "Give a folder's path.");
  if (ready !== undefined && !isReady(ready))
    refuse(
      `ready: ${JSON.stringify(ready)}`,
      'Give "subscription", a pattern of its output, or { url: "http://…" }.',
    );
  timeoutOf(options, 0);
  for (const key of ["walletKey", "dbKey"] as const)
    if (rest[key] !== undefined && !isKey(rest[key]))
      refuse(`a ${key} that is not 32 bytes in hex`, "Leave it out for a fresh one.");
}

function isKey(value: unknown): boolean {
  return typeof value === "string" && /^(0x)?[0-9a-f]{64}$/i.test(value);
}

function isReady(ready: unknown): ready is Ready {
  if (ready === "subscription" || ready instanceof RegExp) return true;
  const url: unknown = (ready as { url?: unknown } | null)?.url;
  return typeof url === "string" && /^https?:\/\//.test(url) && URL.canParse(url);
}

/** For people. */
export function readyText(ready: Ready): string {
  if (ready === "subscription") return "a live subscription to its messages";
  return ready instanceof RegExp ? `output like ${String(ready)}` : `an answer at ${ready.url}`;
}
