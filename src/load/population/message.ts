import { XmtpTestError } from "../../errors.js";

/** What a message of a load run says of itself, so that whoever gets it can judge it without asking anybody. */
export interface LoadMessage {
  /** The run; messages of another run are not judged. */
  readonly run: string;
  /** Number of the conversation in the population. */
  readonly conversation: number;
  /** Number of the sending user. */
  readonly user: number;
  /** The sender's count in this conversation, from 1, without gaps over its attempts. */
  readonly seq: number;
  /** When the send was called, Unix ms with fractions. */
  readonly sentAt: number;
  /** Earlier attempts that were never acknowledged: they may be missing. Those that an earlier message named are left out. */
  readonly failed: readonly number[];
}

const mark = "xmtp-load";
const pattern = /^xmtp-load (\S+) (\d+) (\d+) (\d+) (\d+(?:\.\d+)?) \[([\d,]*)\]/;

/** The text of a message, filled up to `bytes` (default: as long as it is). */
export function encodeMessage(message: LoadMessage, bytes = 0): string {
  const { run, conversation, user, seq, sentAt, failed } = message;
  const text = [mark, run, conversation, user, seq, sentAt.toFixed(2), `[${failed.join(",")}]`].join(" ");
  return text.length >= bytes ? text : `${text} ${".".repeat(bytes - text.length - 1)}`;
}

/** Undefined for what no load run has sent. */
export function decodeMessage(content: unknown): LoadMessage | undefined {
  if (typeof content !== "string" || !content.startsWith(mark)) return undefined;
  const [, run = "", conversation, user, seq, sentAt, failed = ""] = pattern.exec(content) ?? [];
  if (run === "") return undefined;
  return {
    run,
    conversation: Number(conversation),
    user: Number(user),
    seq: Number(seq),
    sentAt: Number(sentAt),
    failed: failed === "" ? [] : failed.split(",").map(Number),
  };
}

/** A run's name goes into every message between two blanks. @throws XmtpTestError `INVALID_OPTION` */
export function checkRun(run: string): string {
  if (/^[\w.-]{1,64}$/.test(run)) return run;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `The run of a load test is "${run}".`,
    "Give 1 to 64 letters, digits, dots, dashes and underscores (XMTP_LOAD_RUN).",
  );
}
