import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { ApiError } from "../wire/api-error.js";
import { encode } from "../wire/encode.js";
import { errorText } from "../../errors.js";
import { TOXIPROXY_VERSION } from "./version.js";
import { toxicJson } from "./toxic-chain.js";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Encodable } from "../wire/encode.js";
import type { ProxyCollection } from "./collection.js";

/** Larger bodies are refused; a populate of thousands of proxies stays far below. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
}

interface Call {
  readonly method: string;
  /** Decoded path variables: proxy and toxic name. */
  readonly names: readonly string[];
  readonly body: string;
}

type Handler = (call: Call) => Answer | Promise<Answer>;

interface Route {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Handler>>;
}

const json = (value: Encodable, status = 200): Answer => ({
  status,
  type: "application/json",
  body: encode(value),
});
const done: Answer = { status: 204 };

/** Toxiproxy's HTTP API over a collection of proxies. */
export function controlApi(proxies: ProxyCollection): Server {
  const routes = routesOf(proxies);
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void serve(routes, request)
      .catch((error: unknown) => failure(error))
      .then((answer) => send(response, answer));
  });
}

function routesOf(proxies: ProxyCollection): Route[] {
  const updateProxy: Handler = async ({ names: [name = ""], body }) =>
    json((await proxies.update(name, body)).toJson());
  const updateToxic: Handler = ({ names: [name = "", toxicName = ""], body }) => {
    const proxy = proxies.get(name);
    const toxic = proxy.toxics.update(toxicName, body);
    proxy.apply(toxic);
    return json(toxicJson(toxic));
  };
  return [
    {
      path: /^\/proxies$/,
      methods: {
        GET: () => ({
          status: 200,
          type: "application/json",
          body: `{${proxies.all.map((proxy) => `${encode(proxy.name)}:${encode(proxy.toJson())}`).join(",")}}`,
        }),
        POST: async ({ body }) => json((await proxies.create(body)).toJson(), 201),
      },
    },
    {
      path: /^\/proxies\/([^/]+)$/,
      methods: {
        GET: ({ names: [name = ""] }) => json(proxies.get(name).toJson()),
        POST: updateProxy,
        PATCH: updateProxy,
        DELETE: async ({ names: [name = ""] }) => {
          await proxies.remove(name);
          return done;
        },
      },
    },
    {
      path: /^\/proxies\/([^/]+)\/toxics$/,
      methods: {
        GET: ({ names: [name = ""] }) => json(proxies.get(name).toxics.toJson()),
        POST: ({ names: [name = ""], body }) => {
          const proxy = proxies.get(name);
          const toxic = proxy.toxics.add(body);
          proxy.apply();
          return json(toxicJson(toxic));
        },
      },
    },
    {
      path: /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/,
      methods: {
        GET: ({ names: [name = "", toxic = ""] }) => json(toxicJson(proxies.get(name).toxics.get(toxic))),
        POST: updateToxic,
        PATCH: updateToxic,
        DELETE: ({ names: [name = "", toxic = ""] }) => {
          const proxy = proxies.get(name);
          proxy.toxics.remove(toxic);
          proxy.apply();
          return done;
        },
      },
    },
    { path: /^\/populate$/, methods: { POST: ({ body }) => populate(proxies, body) } },
    {
      path: /^\/reset$/,
      methods: {
        POST: async () => {
          await proxies.reset();
          return done;
        },
      },
    },
    {
      path: /^\/version$/,
      methods: {
        GET: () => ({
          status: 200,
          type: "application/json;charset=utf-8",
          body: `{"version": "${TOXIPROXY_VERSION}"}\n`,
        }),
      },
    },
  ];
}

async function populate(proxies: ProxyCollection, body: string): Promise<Answer> {
  const { done: made, error } = await proxies.populate(body);
  const list = made.map((proxy) => proxy.toJson());
  return error
    ? json({ error: error.message, status: error.status, proxies: list }, error.status)
    : json({ proxies: list }, 201);
}

async function serve(
  routes: readonly Route[],
  request: IncomingMessage,
): Promise<Answer & { headers?: HeaderMap }> {
  const url = request.url ?? "/";
  const [rawPath = "/", query] = url.split(/\?(.*)/s, 2);
  const path = decoded(rawPath);
  if (path === undefined) return plain(400, "400 Bad Request");
  const clean = cleaned(path);
  if (clean !== path) {
    return {
      status: 301,
      headers: { location: encodeURI(clean) + (query === undefined ? "" : `?${query}`) },
    };
  }
  for (const route of routes) {
    const match = route.path.exec(path);
    if (!match) continue;
    const method = request.method ?? "";
    const handler = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
    if (!handler) return { status: 405 };
    const headers = { "x-toxiproxy-request-id": requestId() };
    if (request.headers["user-agent"]?.startsWith("Mozilla/")) {
      return { ...plain(403, "User agent not allowed\n"), headers: { ...headers, ...nosniff } };
    }
    try {
      const answer = await handler({ method, names: match.slice(1), body: await bodyOf(request) });
      return { ...answer, headers };
    } catch (error) {
      const answer = failure(error);
      return { ...answer, headers: { ...headers, ...answer.headers } };
    }
  }
  return { ...plain(404, "404 page not found\n"), headers: nosniff };
}

type HeaderMap = Readonly<Record<string, string>>;
const nosniff: HeaderMap = { "x-content-type-options": "nosniff" };
const plain = (status: number, body: string): Answer => ({ status, type: "text/plain; charset=utf-8", body });

function failure(error: unknown): Answer & { headers: HeaderMap } {
  const status = error instanceof ApiError ? error.status : 500;
  return { ...plain(status, `${encode({ error: errorText(error), status })}\n`), headers: nosniff };
}

function send(response: ServerResponse, answer: Answer & { headers?: HeaderMap }): void {
  const { status, type, body = "", headers } = answer;
  response.writeHead(status, {
    ...(type === undefined ? {} : { "content-type": type }),
    ...(status === 204 ? {} : { "content-length": Buffer.byteLength(body) }),
    ...headers,
  });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) throw new ApiError(`request body exceeds ${MAX_BODY_BYTES} bytes`, 413);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** The path without empty, "." and ".." parts; a trailing slash stays, and matches no route. */
function cleaned(path: string): string {
  const parts: string[] = [];
  const all = path.split("/");
  for (const part of all) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const slash = path.endsWith("/") && parts.length > 0 ? "/" : "";
  return `/${parts.join("/")}${slash}`;
}

/** 20 characters of base 32, as the reference's ids have. */
function requestId(): string {
  return [...randomBytes(20)].map((byte) => (byte & 31).toString(32)).join("");
}
