import { gunzipSync, gzipSync } from "node:zlib";
import type { ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { expect } from "@playwright/test";
import { fromBinary } from "@bufbuild/protobuf";
import { Code } from "#src/network/index.js";
import { identity, mls } from "#src/network/proto/index.js";
import { frame, pathOf } from "../../network/grpc-client.js";
import type { RawClient } from "../../network/grpc-client.js";
import { newGroup } from "../target.js";
import type { Case } from "../target.js";
import { sendNew } from "./group-messages.js";

const INBOXES = pathOf(identity.IdentityApi.method.getInboxIds);
const QUERY = pathOf(mls.MlsApi.method.queryGroupMessages);
const FOLLOW = pathOf(mls.MlsApi.method.subscribeGroupMessages);
const EMPTY = frame(Buffer.alloc(0));
/** Filters of one group named "a". */
const FILTERS = frame(Buffer.from("0a030a0161", "hex"));
/** An identifier to look up, "0x". */
const LOOKUP = Buffer.from("0a040a023078", "hex");

interface Exchange {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One call as it is on the wire. */
async function exchange(stream: ClientHttp2Stream): Promise<Exchange> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const body: Buffer[] = [];
  stream.on("response", (received) => (headers = received));
  stream.on("trailers", (received: IncomingHttpHeaders) => (trailers = received));
  stream.on("data", (chunk: Buffer) => body.push(chunk));
  // A reset is told by "close" too.
  stream.on("error", () => undefined);
  await new Promise<void>((resolve) => stream.once("close", () => resolve()));
  return { headers, trailers, body: Buffer.concat(body) };
}

function send(
  raw: RawClient,
  path: string,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<Exchange> {
  const stream = raw.open(path, headers);
  stream.end(body);
  return exchange(stream);
}

const answers = (
  name: string,
  [path, body, headers]: [string, Buffer, Record<string, string>?],
  expected: { http?: number; status: number; message: string },
): Case => ({
  name,
  run: async ({ raw }) => {
    expect(await raw.raw(path, body, headers)).toMatchObject({ http: 200, ...expected });
  },
});

const flagged = (message: Buffer): Buffer => {
  const bytes = frame(message);
  bytes[0] = 1;
  return bytes;
};

/** How calls travel, whatever they ask: grpc-go's own manners. */
export const transport: readonly Case[] = [
  {
    name: "a gzipped request is read, and answered gzipped",
    run: async ({ raw }) => {
      const gzip = { "grpc-encoding": "gzip" };
      for (const body of [flagged(gzipSync(LOOKUP)), frame(LOOKUP)]) {
        const { headers, trailers, body: answer } = await send(raw, INBOXES, body, gzip);
        expect(headers).toMatchObject({ ":status": 200, "grpc-encoding": "gzip" });
        expect(trailers).toMatchObject({ "grpc-status": "0" });
        expect(answer[0], "compressed flag").toBe(1);
        const { responses } = fromBinary(identity.GetInboxIdsResponseSchema, gunzipSync(answer.subarray(5)));
        expect(responses).toMatchObject([{ identifier: "0x" }]);
      }
      const empty = await send(raw, INBOXES, flagged(gzipSync(Buffer.alloc(0))), gzip);
      expect(empty.body, "nothing is not compressed").toEqual(EMPTY);
    },
  },
  {
    name: "a stream that is asked for gzipped is gzipped, message by message",
    run: async (rig) => {
      const group = newGroup();
      await sendNew(rig, group, 2);
      const request = Buffer.concat([Buffer.from([0x0a, 18, 0x0a, 16]), group]);
      const stream = rig.raw.open(FOLLOW, { "grpc-encoding": "gzip" });
      stream.on("error", () => undefined);
      const got: Buffer[] = [];
      const ids = new Promise<bigint[]>((resolve) => {
        stream.on("data", (chunk: Buffer) => {
          got.push(chunk);
          const messages = unzipped(Buffer.concat(got));
          if (messages.length === 2)
            resolve(messages.map(({ version }) => (version.value as mls.GroupMessage_V1).id));
        });
      });
      stream.end(flagged(gzipSync(request)));
      const [first, second] = await ids;
      expect(second).toBeGreaterThan(first ?? 0n);
      stream.close(8);
    },
  },
  answers(
    "refused: an encoding that nobody installed",
    [INBOXES, frame(LOOKUP), { "grpc-encoding": "deflate" }],
    {
      status: Code.UNIMPLEMENTED,
      message: 'grpc: Decompressor is not installed for grpc-encoding "deflate"',
    },
  ),
  answers("refused: a compressed message in a call without compression", [INBOXES, flagged(LOOKUP)], {
    status: Code.INTERNAL,
    message: "grpc: compressed flag set with identity or empty encoding",
  }),
  {
    name: "a stream whose grpc-timeout runs out ends OK",
    run: async ({ raw }) => {
      const { headers, trailers } = await send(raw, FOLLOW, FILTERS, { "grpc-timeout": "200m" });
      expect(headers).toMatchObject({ ":status": 200, subscribed: "true" });
      expect(trailers).toMatchObject({ "grpc-status": "0", "grpc-message": "" });
    },
  },
  answers("a call of one nanosecond is over", [INBOXES, EMPTY, { "grpc-timeout": "1n" }], {
    status: Code.DEADLINE_EXCEEDED,
    message: "context deadline exceeded",
  }),
  ...[
    ["abc", 'transport: timeout unit is not recognized: "abc"'],
    ["S", 'transport: timeout string is too short: "S"'],
    ["123456789S", 'transport: timeout string is too long: "123456789S"'],
  ].map(([timeout, text]) =>
    answers(`refused: grpc-timeout "${timeout}"`, [INBOXES, EMPTY, { "grpc-timeout": timeout as string }], {
      http: 400,
      status: Code.INTERNAL,
      message: `malformed grpc-timeout: ${text}`,
    }),
  ),
  {
    name: "a unary call is answered after its first message, ended or not",
    run: async ({ raw }) => {
      const stream = raw.open(INBOXES);
      stream.write(frame(LOOKUP));
      const { trailers, body } = await exchange(stream);
      expect(trailers).toMatchObject({ "grpc-status": "0" });
      expect(body.subarray(5)).toEqual(LOOKUP);
    },
  },
  {
    name: "of two messages on a unary call the first is taken",
    run: async ({ raw }) => {
      const { trailers, body } = await send(raw, INBOXES, Buffer.concat([frame(LOOKUP), EMPTY]));
      expect(trailers).toMatchObject({ "grpc-status": "0" });
      expect(body.subarray(5)).toEqual(LOOKUP);
    },
  },
  {
    name: "a unary call that ends with its headers waits for its deadline",
    run: async ({ raw }) => {
      const stream = raw.session.request(
        { ":method": "POST", ":path": INBOXES, "content-type": "application/grpc", "grpc-timeout": "300m" },
        { endStream: true },
      );
      expect((await exchange(stream)).headers).toMatchObject({
        "grpc-status": "4",
        "grpc-message": "context deadline exceeded",
      });
    },
  },
  answers("a unary call that ends without a message", [INBOXES, Buffer.alloc(0)], {
    status: Code.UNKNOWN,
    message: "EOF",
  }),
  answers("a message cut short, on a unary call", [INBOXES, frame(LOOKUP).subarray(0, -2)], {
    status: Code.UNKNOWN,
    message: "unexpected EOF",
  }),
  answers("the length before a message cut short", [INBOXES, frame(LOOKUP).subarray(0, 3)], {
    status: Code.UNKNOWN,
    message: "unexpected EOF",
  }),
  answers("a message cut short, on a stream", [FOLLOW, FILTERS.subarray(0, -2)], {
    status: Code.INTERNAL,
    message: "unexpected EOF",
  }),
  ...[
    ["!!!!", 0],
    ["YWJjZ", 4],
    ["a-_b", 1],
    ["YQ==YQ==", 4],
  ].map(([value, at]) =>
    answers(
      `refused: a -bin header that is not base64, ${value}`,
      [INBOXES, EMPTY, { "x-bin": String(value) }],
      {
        http: 400,
        status: Code.INTERNAL,
        message: `malformed binary metadata "${value}" in header "x-bin": illegal base64 data at input byte ${at}`,
      },
    ),
  ),
  ...["YWI", "YWI=", "YWJ", ""].map((value) =>
    answers(`a -bin header is base64, padded or not: "${value}"`, [INBOXES, EMPTY, { "x-bin": value }], {
      status: Code.OK,
      message: "",
    }),
  ),
  // Node's HTTP/2 client drops a header value that ends with a space, as these texts do.
  answers('path "//"', ["//", EMPTY], { status: Code.UNIMPLEMENTED, message: "" }),
  answers("path of three parts", [`/a${INBOXES}`, EMPTY], {
    status: Code.UNIMPLEMENTED,
    message: "unknown service a/xmtp.identity.api.v1.IdentityApi",
  }),
  answers("path of one part", ['/no"thing', EMPTY], {
    status: Code.UNIMPLEMENTED,
    message: 'malformed method name: "/no\\"thing"',
  }),
  answers("path without a method", ["/xmtp.identity.api.v1.IdentityApi/", EMPTY], {
    status: Code.UNIMPLEMENTED,
    message: "unknown method  for service xmtp.identity.api.v1.IdentityApi",
  }),
  answers("what is wrong with a header counts before the path", ["/no", EMPTY, { "grpc-timeout": "1x" }], {
    http: 400,
    status: Code.INTERNAL,
    message: 'malformed grpc-timeout: transport: timeout unit is not recognized: "1x"',
  }),
  {
    name: "settings: a window of 65,535, and no limit on streams",
    run: async ({ raw }) => {
      await raw.ping();
      expect(raw.session.remoteSettings).toMatchObject({
        initialWindowSize: 65_535,
        maxConcurrentStreams: 4_294_967_295,
      });
    },
  },
  {
    name: "the content type is answered as it was asked, without a date; a status without text has an empty one",
    run: async ({ raw }) => {
      for (const contentType of ["application/grpc", "application/grpc+proto", "application/grpc+json"]) {
        const { headers, trailers } = await send(raw, INBOXES, EMPTY, { "content-type": contentType });
        expect(headers).toMatchObject({ "content-type": contentType });
        expect(headers).not.toHaveProperty("date");
        expect(trailers).toMatchObject({ "grpc-status": "0", "grpc-message": "" });
      }
      const semicolon = await send(raw, QUERY, EMPTY, { "content-type": "application/grpc;proto" });
      expect(semicolon.headers).toMatchObject({
        "content-type": "application/grpc+proto",
        "grpc-status": "2",
      });
    },
  },
];

/** Complete messages of a body whose frames are compressed. */
function unzipped(body: Buffer): mls.GroupMessage[] {
  const messages: mls.GroupMessage[] = [];
  for (let at = 0; at + 5 <= body.length;) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    if (end > body.length) break;
    messages.push(fromBinary(mls.GroupMessageSchema, gunzipSync(body.subarray(at + 5, end))));
    at = end;
  }
  return messages;
}
