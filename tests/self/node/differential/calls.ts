import { gzipSync } from "node:zlib";
import { equals, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { frame, pathOf } from "../../network/grpc-client.js";
import type { Captured } from "../captured.js";
import { Bodies } from "../fuzz/bodies.js";
import type { Draw } from "../fuzz/draw.js";
import { framed } from "../fuzz/framed.js";
import { fieldPaths, mutated } from "../mutate.js";
import { Requests } from "./requests.js";
import type { Request } from "./requests.js";

/**
 * What is drawn: requests that a node accepts; such with one field changed; such with bits of their MLS bytes changed;
 * bytes that are hardly protobuf; and good requests that travel oddly.
 */
export const kinds = ["valid", "field", "bits", "bytes", "transport"] as const;
export type Kind = (typeof kinds)[number];

const BASE64 = Buffer.of(0, 1, 2).toString("base64");

/** One call, as it goes to every node. */
export interface Call {
  readonly kind: Kind;
  /** For people. */
  readonly what: string;
  readonly path: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Decodes its answer; only of valid calls: a changed cursor asks for rows by ids, which are each node's own. */
  readonly output?: DescMessage;
}

/** Draws calls: the same seed and the same captured requests give the same ones. */
export class Calls {
  readonly #draw: Draw;
  readonly #requests: Requests;
  readonly #bodies: Bodies;

  constructor(draw: Draw, captured: Captured) {
    this.#draw = draw;
    this.#requests = new Requests(draw, captured);
    this.#bodies = new Bodies(draw, captured);
  }

  first(): Call[] {
    return this.#requests.first().map((request) => callOf("valid", request, "to begin with"));
  }

  next(kind = this.#draw.pick(kinds)): Call {
    switch (kind) {
      case "valid":
        return callOf(kind, this.#requests.valid(), "");
      case "field":
        return this.#field();
      case "bits":
        return this.#bits();
      case "bytes": {
        const { path, body } = this.#bodies.next();
        return { kind, what: path, path, body: frame(body), headers: whileOpen(path) };
      }
      case "transport":
        return this.#transport();
    }
  }

  #field(): Call {
    const draw = this.#draw;
    for (;;) {
      const { method, message } = draw.oneIn(2) ? this.#requests.valid() : this.#requests.sent();
      const { input } = method;
      const path = draw.pick(fieldPaths(input, message as MessageShape<DescMessage>));
      const how = { how: draw.below(60), at: draw.below(100_000), by: draw.below(100_000) };
      const changed = mutated(input, message as MessageShape<DescMessage>, path, how);
      if (!equals(input, message as MessageShape<DescMessage>, changed))
        return callOf("field", { method, message: changed }, path);
    }
  }

  /** Only fields of bytes that are a structure of their own are changed, each bit with the same chance. */
  #bits(): Call {
    const draw = this.#draw;
    for (;;) {
      const { method, message } = this.#requests.sent();
      const { input } = method;
      const path = fieldPaths(input, message as MessageShape<DescMessage>).find((one) =>
        /data$|key_package_tls_serialized$/.test(one),
      );
      if (path === undefined) continue;
      let changed = message as MessageShape<DescMessage>;
      for (let rounds = 1 + draw.below(4); rounds > 0; rounds--) {
        const how = {
          how: draw.oneIn(4) ? 1 + draw.below(2) : 0,
          at: draw.below(100_000),
          by: draw.below(8),
        };
        changed = mutated(input, changed, path, how);
      }
      const body = Buffer.from(toBinary(input, changed));
      // A PublicMessage, whose rest the embedded node does not read: docs/node.md.
      if (!body.includes(Buffer.from("00010001", "hex")))
        return callOf("bits", { method, message: changed }, path);
    }
  }

  #transport(): Call {
    const draw = this.#draw;
    const call = callOf("transport", this.#requests.valid(), "");
    const message = call.body.subarray(5);
    const odd = (what: string, change: Partial<Call>): Call => ({
      ...call,
      what: `${what} ${call.what}`,
      ...change,
    });
    switch (draw.below(6)) {
      case 0: {
        const encoding = draw.pick(["gzip", "identity", "deflate", "snappy", "br"]);
        const body = Buffer.from(frame(draw.oneIn(2) ? gzipSync(message) : message));
        body[0] = draw.below(2);
        return odd(`grpc-encoding ${encoding}, flag ${body[0]}`, {
          body,
          headers: { "grpc-encoding": encoding },
        });
      }
      case 1: {
        const timeout = draw.pick(["1n", "5S", "10M", "abc", "S", "123456789S", "-1S", "1H ", "1.5S", "1x"]);
        return odd(`grpc-timeout "${timeout}"`, { headers: { "grpc-timeout": timeout } });
      }
      case 2: {
        const value = draw.pick([
          BASE64,
          BASE64.slice(0, 3),
          `${BASE64.slice(0, 3)}=`,
          BASE64[0] ?? "",
          "%%%",
          "-_-_",
        ]);
        return odd(`x-trace-bin "${value}"`, { headers: { "x-trace-bin": value } });
      }
      case 3: {
        const type = draw.pick([
          "application/grpc+proto",
          "application/grpc;x",
          "application/json",
          "text/plain",
        ]);
        return odd(`content-type ${type}`, { headers: { "content-type": type } });
      }
      case 4: {
        const [, service = "", method = ""] = call.path.split("/");
        const path = draw.pick([
          "//",
          `/a/${service}/${method}`,
          `/${service}`,
          `/${service}/`,
          `${call.path}x`,
          "/a.B/C",
        ]);
        return odd(`path ${path}`, { path });
      }
      default:
        return odd("framing", { body: framed(draw, message) });
    }
  }
}

function callOf(kind: Kind, { method, message }: Request, what: string): Call {
  const path = pathOf(method);
  const body = frame(toBinary(method.input, message as MessageShape<DescMessage>));
  return {
    kind,
    what: `${method.name} ${what}`.trim(),
    path,
    body,
    headers: whileOpen(path),
    ...(kind === "valid" && { output: method.output }),
  };
}

/** A subscription that is accepted would stay open. */
function whileOpen(path: string): Record<string, string> {
  return /Subscribe|Watch$/.test(path) ? { "grpc-timeout": "50m" } : {};
}
