import { fromBinary } from "@bufbuild/protobuf";
import { RawClient, RawStream } from "../../network/grpc-client.js";
import { capture } from "../captured.js";
import { Draw } from "../fuzz/draw.js";
import { Calls, kinds } from "./calls.js";
import type { Call, Kind } from "./calls.js";

/** What a node made of a call. */
interface Answer {
  readonly http: number;
  /** −1: none came. */
  readonly status: number;
  readonly text: string;
  /** Its messages, without ids and times: these are each node's own. */
  readonly messages: string;
}

/** One call to which two nodes answered differently. */
export interface Difference {
  readonly call: Call;
  /** Its place in the run, from 1. */
  readonly at: number;
  readonly in: "status" | "text" | "messages";
  readonly answers: readonly [Answer, Answer];
}

export interface Comparison {
  readonly urls: readonly [string, string];
  readonly seed: string;
  readonly calls: Readonly<Record<Kind, number>>;
  readonly refused: number;
  readonly differences: readonly Difference[];
}

export interface CompareOptions {
  readonly urls: readonly [string, string];
  readonly count: number;
  readonly seed: string;
  readonly kinds?: readonly Kind[];
}

/** A node that says nothing for so long has no answer, ms. */
const ANSWER_MS = 10_000;

/**
 * Draws calls and sends each to both nodes, one call after the other, so that both have stored the same before each.
 * Neither store need be empty: ids are random.
 */
export async function compare({
  urls,
  count,
  seed,
  kinds: drawn = kinds,
}: CompareOptions): Promise<Comparison> {
  const draw = new Draw(seed);
  const calls = new Calls(draw, await capture());
  await using ours = new Caller(urls[0]);
  await using theirs = new Caller(urls[1]);
  const counts: Record<Kind, number> = { valid: 0, field: 0, bits: 0, bytes: 0, transport: 0 };
  const differences: Difference[] = [];
  let refused = 0;
  const first = calls.first();
  for (let at = 1; at <= count; at++) {
    const call = first.shift() ?? calls.next(draw.pick(drawn));
    counts[call.kind]++;
    const answers = await Promise.all([ours.ask(call), theirs.ask(call)]);
    if (answers[0].status !== 0) refused++;
    const where = differsIn(answers);
    if (where !== undefined) differences.push({ call, at, in: where, answers });
  }
  return { urls, seed, calls: counts, refused, differences };
}

function differsIn([ours, theirs]: readonly [Answer, Answer]): Difference["in"] | undefined {
  if (ours.status !== theirs.status || ours.http !== theirs.http) return "status";
  if (ours.text !== theirs.text) return "text";
  return ours.messages !== theirs.messages ? "messages" : undefined;
}

/** A connection that is opened again when a node has ended it. */
class Caller implements AsyncDisposable {
  readonly #url: string;
  #client: RawClient | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async ask({ path, body, headers, output }: Call): Promise<Answer> {
    if (this.#client?.session.destroyed || this.#client?.session.closed) await this.#close();
    this.#client ??= new RawClient(this.#url);
    const stream = this.#client.open(path, headers);
    const read = new RawStream(stream, (bytes) => Uint8Array.from(bytes));
    stream.setTimeout(ANSWER_MS, () => stream.close(8));
    stream.end(body);
    const { http, status, message: text } = await read.ended;
    const messages = output ? read.received.map((one) => shape(fromBinary(output, one))) : [];
    return { http, status, text, messages: messages.join("\n") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    this.#client = undefined;
  }
}

/** Ids, cursors and times are the numbers of 64 bits. */
function shape(message: object): string {
  return JSON.stringify(message, (key, value: unknown) => {
    if (key === "$typeName") return undefined;
    if (typeof value === "bigint") return "id or time";
    return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
  });
}

/** One line for people; the body is what to send again. */
export function differenceText(
  { call, at, in: where, answers }: Difference,
  [ours, theirs]: readonly string[],
): string {
  const said = (answer: Answer): string =>
    where === "messages"
      ? answer.messages
      : `HTTP ${answer.http}, ${answer.status === -1 ? "no status" : `status ${answer.status}`} ${JSON.stringify(answer.text)}`;
  const headers = Object.keys(call.headers).length === 0 ? "" : ` with ${JSON.stringify(call.headers)}`;
  return [
    `call ${at} (${call.kind}: ${call.what}) differs in its ${where}`,
    `  ${ours}: ${said(answers[0])}`,
    `  ${theirs}: ${said(answers[1])}`,
    `  ${call.path}${headers}, body ${call.body.toString("hex")}`,
  ].join("\n");
}
