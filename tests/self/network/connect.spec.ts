import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { expect } from "@playwright/test";
import { connectNetwork } from "#src/network/index.js";
import { test } from "./fixtures.js";
import { redacted } from "#src/redaction.js";

/** Runs `use` while a server listens on the loopback address. */
async function listening(server: Server, use: (url: string) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test("a node that answers is a network, with what was asked for", async ({ node }) => {
  expect(await connectNetwork({ env: "local", url: `${node.url}/` })).toEqual({
    kind: "external",
    env: "local",
    url: node.url,
    historyUrl: null,
  });
  const withHistory = await connectNetwork({ env: "mine", url: node.url, historyUrl: node.historyUrl });
  expect(withHistory.historyUrl).toBe(node.historyUrl);
  expect((await node.stats()).requests, "by a real call").toEqual({ GetInboxIds: 2 });
});

for (const url of [
  "localhost:5556",
  "ftp://host",
  "http://host/path",
  "http://u:p@host",
  "http://",
  "",
  "http://host?x",
]) {
  test(`no endpoint: "${url}"`, async () => {
    await expect(connectNetwork({ env: "local", url })).rejects.toMatchObject({
      code: "BAD_URL",
      // As every message shows it: without a password.
      message: expect.stringContaining(`("${redacted(url)}")`),
    });
  });
}

test("an environment without an endpoint of its own needs a URL", async () => {
  await expect(connectNetwork({ env: "constructor" })).rejects.toMatchObject({ code: "BAD_URL" });
});

test("what does not answer as a node is named, with what was seen", async ({ node }) => {
  await node.stop();
  const refused = connectNetwork({ env: "local", url: node.url });
  await expect(refused).rejects.toMatchObject({ code: "NODE_UNREACHABLE" });
  await expect(refused).rejects.toThrow("ECONNREFUSED");

  await listening(
    createServer((_, response) => response.end("hello")),
    async (url) => {
      await expect(connectNetwork({ env: "local", url })).rejects.toMatchObject({ code: "NODE_UNREACHABLE" });
    },
  );
  const sockets = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.resume();
  });
  await listening(sockets, async (url) => {
    await expect(connectNetwork({ env: "local", url, timeoutMs: 100 })).rejects.toThrow(
      "no answer within 100 ms",
    );
  });
});

test("a node that fails is not healthy", async ({ node }) => {
  await node.failNext("GetInboxIds", { code: 7, message: "request blocked" });
  await expect(connectNetwork({ env: "local", url: node.url })).rejects.toThrow(
    "gRPC status 7 request blocked",
  );
});
