import { valueText, XmtpTestError } from "../../errors.js";

/** One stretch of talk. */
export interface TalkPhase {
  /** How long it lasts, 0.1 to 604,800. */
  readonly seconds: number;
  /** Messages per second of the whole population at the beginning; each user sends its share of them. */
  readonly rate: number;
  /** The rate at the end, reached evenly. Default: `rate`. */
  readonly to?: number;
}

/** `config.variables.xmtp` of an Artillery script. */
export interface LoadSettings {
  /** Users of the whole run, over all shards. */
  readonly users: number;
  /** Default: one for 10 users. */
  readonly groups: number;
  /** Members of each group, its creator included. Default 10, or all users where there are fewer. */
  readonly groupSize: number;
  /** Conversations between two. Default 0. */
  readonly dms: number;
  /** What the step `talk` does. Default: 30 seconds of 10 messages per second. */
  readonly talk: readonly TalkPhase[];
  /** Length of each message in bytes, at least. Default 0: as short as it can be. */
  readonly messageBytes: number;
  /** A message that took longer than this counts as late, ms. Default 2,000. */
  readonly lateMs: number;
  /** How long `join` waits for a user's conversations, seconds. Default 120. */
  readonly joinSeconds: number;
  /** How long `settle` waits for messages that the database has and the stream has not given, seconds. Default 10. */
  readonly settleSeconds: number;
  /** Share of the users on the line that XMTP_LOAD_LINE names, 0 to 1. Default 1: all, where there is a line. */
  readonly lineShare: number;
}

const example = '{ "users": 100, "groups": 10, "groupSize": 20 }';

/** @throws XmtpTestError `INVALID_OPTION` naming what is unknown or out of range */
export function checkSettings(given: unknown): LoadSettings {
  if (typeof given !== "object" || given === null)
    throw bad(`config.variables.xmtp is ${valueText(given)}.`, `Give an object, for example ${example}.`);
  const named = given as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(named).filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw bad(`config.variables.xmtp has ${unknown.join(", ")}.`, `Known are ${[...known].join(", ")}.`);
  const users = number(named, "users", undefined, 1, 100_000);
  const groupSize = number(named, "groupSize", Math.min(10, users), 1, Math.min(users, 250));
  const settings = {
    users,
    groups: number(named, "groups", Math.max(1, Math.floor(users / 10)), 0, 100_000),
    groupSize,
    dms: number(named, "dms", 0, 0, Math.floor((users * (users - 1)) / 4)),
    talk: checkTalk(named["talk"] ?? [{ seconds: 30, rate: 10 }]),
    messageBytes: number(named, "messageBytes", 0, 0, 900_000),
    lateMs: number(named, "lateMs", 2_000, 1, 3_600_000),
    joinSeconds: number(named, "joinSeconds", 120, 1, 86_400),
    settleSeconds: number(named, "settleSeconds", 10, 1, 86_400),
    lineShare: number(named, "lineShare", 1, 0, 1, true),
  };
  if (settings.groups + settings.dms > 0) return settings;
  throw bad("config.variables.xmtp asks for no group and no DM.", "Give groups or dms: nobody could talk.");
}

const known = new Set<string>([
  "users",
  "groups",
  "groupSize",
  "dms",
  "talk",
  "messageBytes",
  "lateMs",
  "joinSeconds",
  "settleSeconds",
  "lineShare",
]);

function checkTalk(given: unknown): readonly TalkPhase[] {
  if (!Array.isArray(given) || given.length === 0)
    throw bad(
      `talk is ${valueText(given)}.`,
      "Give a list, for example [{ seconds: 30, rate: 10, to: 60 }].",
    );
  return (given as unknown[]).map((one) => {
    const phase = typeof one === "object" && one !== null ? (one as Record<string, unknown>) : {};
    const seconds = number(phase, "seconds", undefined, 0.1, 604_800, true);
    const rate = number(phase, "rate", undefined, 0, 100_000, true);
    return { seconds, rate, to: number(phase, "to", rate, 0, 100_000, true) };
  });
}

function number(
  named: Readonly<Record<string, unknown>>,
  name: string,
  fallback: number | undefined,
  least: number,
  most: number,
  fraction = false,
): number {
  const given = named[name] ?? fallback;
  // YAML with an environment variable in it gives text.
  const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
  const fits = typeof value === "number" && value >= least && value <= most;
  if (fits && (fraction || Number.isInteger(value))) return value;
  throw bad(
    `${name} is ${valueText(given)}.`,
    `Give a ${fraction ? "number" : "whole number"} from ${least} to ${most}.`,
  );
}

function bad(what: string, hint: string): XmtpTestError {
  return new XmtpTestError("INVALID_OPTION", what, hint);
}
