// Each test fails with the code that is its title.
import { createServer } from "node:http";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "playwright-xmtp";
import { startNode } from "playwright-xmtp/network";
import { connectToxiproxy, startToxiproxy } from "playwright-xmtp/toxiproxy";

test("BAD_PORT", async () => void (await startNode({ port: 70_000 })));
test("BAD_HOST", async () => void (await startToxiproxy({ host: "192.0.2.1" })));
test("BAD_CHAIN", async () => void (await startNode({ chainRpcUrls: { ethereum: "http://127.0.0.1:9" } })));

test("PORT_IN_USE", async ({ network }) => {
  await startNode({ port: Number(new URL(network.url).port) });
});

test("BAD_SNAPSHOT", async ({ network }, info) => {
  await writeFile(info.outputPath("noise"), "noise");
  await network.restore(info.outputPath("noise"));
});

test("STREAMS_OPEN", async ({ alice, network }, info) => {
  await network.snapshot(info.outputPath("snapshot"));
  await alice.startStream("message");
  await network.restore(info.outputPath("snapshot"));
});

test("BAD_STATE_FILE", async ({}, info) => {
  await writeFile(info.outputPath("state"), "noise");
  await startNode({ stateFile: info.outputPath("state") });
});

test("STATE_IN_USE", async ({}, info) => {
  const first = await startNode({ stateFile: info.outputPath("state") });
  try {
    await startNode({ stateFile: info.outputPath("state") });
  } finally {
    await first.close();
  }
});

test("FILE_ACCESS", async ({ network }, info) => {
  await network.snapshot(info.outputPath("no/such/folder/snapshot"));
});

test("NOT_A_FILE", async ({}, info) => {
  await mkdir(info.outputPath("state"), { recursive: true });
  await startNode({ stateFile: info.outputPath("state") });
});

test("THREAD_ENDED", async () => {
  const node = await startNode();
  await node.close();
  await node.stats();
});

test("TOXIPROXY_UNREACHABLE", async () => void (await connectToxiproxy("http://127.0.0.1:9")));
test("TOXIPROXY_BAD_URL", async () => void (await connectToxiproxy("ftp://127.0.0.1")));

for (const [code, answer, options] of [
  ["TOXIPROXY_NOT_TOXIPROXY", (response) => response.end("<html>hello")],
  ["TOXIPROXY_TIMEOUT", () => undefined, { callTimeoutMs: 200 }],
  ["TOXIPROXY_AUTH", (response) => response.writeHead(401).end("{}")],
])
  test(code, async () => {
    const server = createServer((_, response) => answer(response));
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    try {
      await connectToxiproxy(`http://127.0.0.1:${server.address().port}`, options);
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });

/** Gives the work a proxy of a Toxiproxy of its own. */
async function withProxy(work, options) {
  const toxiproxy = await startToxiproxy();
  try {
    const control = toxiproxy.control(options);
    await work(await control.createProxy("a", "127.0.0.1:9"), control);
  } finally {
    await toxiproxy.close();
  }
}

test("TOXIPROXY_PORTS", () => withProxy(() => undefined, { ports: { from: 2, to: 1 } }));
test("TOXIPROXY_TOXIC", () => withProxy((proxy) => proxy.removeToxic("none")));
test("TOXIPROXY_REFUSED", () =>
  withProxy(async (proxy) => {
    for (let twice = 0; twice < 2; twice++) await proxy.addToxic({ type: "noop", name: "n" });
  }));
