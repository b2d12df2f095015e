import { connect } from "node:http2";
import { request } from "node:http";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { expect, test as base } from "@playwright/test";
import { Code, startNode } from "#src/network/index.js";
import type { EmbeddedNode } from "#src/network/index.js";

const HEALTH = "/grpc.health.v1.Health/Check";
const NOTHING = Buffer.alloc(5);

const test = base.extend<{ node: EmbeddedNode }>({
  node: async ({}, use) => {
    await using node = await startNode({ allowedHosts: ["chaos.example.org"] });
    await use(node);
  },
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** One HTTP/1.1 request under a host name of the test's choice. */
async function ask(url: string, method: string, path: string, headers: OutgoingHttpHeaders): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), { method, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    asked.on("error", reject);
    asked.end(method === "POST" ? NOTHING : undefined);
  });
}

/** One gRPC call over HTTP/2 under an authority of the test's choice. */
async function call(url: string, authority: string): Promise<IncomingHttpHeaders> {
  const session = connect(url);
  try {
    return await new Promise<IncomingHttpHeaders>((resolve, reject) => {
      session.on("error", reject);
      const stream = session.request({
        ":method": "POST",
        ":path": HEALTH,
        ":authority": authority,
        "content-type": "application/grpc",
      });
      stream.on("response", (headers) => {
        if (headers["grpc-status"] !== undefined) resolve(headers);
      });
      stream.on("trailers", (headers: IncomingHttpHeaders) => resolve(headers));
      stream.on("error", reject).resume().end(NOTHING);
    });
  } finally {
    session.destroy();
  }
}

const grpcWeb = { "content-type": "application/grpc-web+proto" };

for (const host of ["evil.test", "evil.test:80", "127.0.0.1.nip.io", "localhost.evil.test"]) {
  test(`a page that has pointed ${host} here learns and stores nothing`, async ({ node }) => {
    for (const method of ["OPTIONS", "POST", "GET"]) {
      const answer = await ask(node.url, method, HEALTH, { ...grpcWeb, host });
      expect(answer).toMatchObject({ status: 403, text: expect.stringContaining("--allow-host") });
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
    for (const [method, path] of [
      ["OPTIONS", "/upload"],
      ["POST", "/upload"],
      ["GET", "/"],
    ] as const)
      expect(await ask(node.historyUrl, method, path, { host })).toMatchObject({ status: 403 });
    expect(await call(node.url, host)).toMatchObject({
      ":status": 403,
      "grpc-status": String(Code.PERMISSION_DENIED),
      "grpc-message": expect.stringContaining(`does not answer to the name "${host}"`),
    });
    expect((await node.stats()).requests, "no call was begun").toEqual({});
  });
}

for (const host of [
  "localhost:5556",
  "127.0.0.1:1",
  "[::1]:5556",
  "page-2.localhost:80",
  "host.docker.internal:5556",
  "toxiproxy:8666",
  "192.168.65.2",
  "chaos.example.org:8666",
]) {
  test(`a client that knows the node as ${host} is served, on every protocol`, async ({ node }) => {
    const web = await ask(node.url, "POST", HEALTH, { ...grpcWeb, host });
    expect(web).toMatchObject({ status: 200, text: expect.stringContaining("grpc-status:0") });
    expect(await ask(node.historyUrl, "POST", "/upload", { host })).toMatchObject({ status: 200 });
    expect(await call(node.url, host)).toMatchObject({ "grpc-status": "0" });
  });
}

test("what is not a host name is refused where it is given", async () => {
  await expect(startNode({ allowedHosts: ["http://chaos.example.org"] })).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining('"http://chaos.example.org", which is not a host name'),
  });
});
