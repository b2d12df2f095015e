import { expect, test } from "@playwright/test";
import { ToxiproxyControl, connectToxiproxy, startToxiproxy } from "#src/toxiproxy/index.js";
import { findRealToxiproxy, startRealToxiproxy } from "../../../scripts/real-toxiproxy.mjs";
import { Recorder } from "./recorder.js";
import { Rig } from "./rig.js";
import type { ControlOptions, ToxicSpec } from "#src/toxiproxy/index.js";

/** A server under the control layer. */
interface Server {
  readonly url: string;
  control(options?: ControlOptions): ToxiproxyControl;
  stop(): Promise<void>;
}

const real = findRealToxiproxy();
const servers: Record<string, () => Promise<Server>> = {
  embedded: async () => {
    const toxiproxy = await startToxiproxy();
    return {
      url: toxiproxy.url,
      control: (options) => toxiproxy.control(options),
      stop: () => toxiproxy.close(),
    };
  },
  real: async () => {
    test.skip(real.path === undefined, `skipped: ${real.missing}`);
    const toxiproxy = await startRealToxiproxy(real.path ?? "");
    const remote = await connectToxiproxy(`127.0.0.1:${toxiproxy.port}/`);
    return { url: remote.url, control: (options) => remote.control(options), stop: () => toxiproxy.stop() };
  },
};

for (const [kind, start] of Object.entries(servers)) {
  test.describe(kind, () => {
    let server: Server;
    let rig: Rig;
    let stop: (() => Promise<void>) | undefined;
    test.beforeEach(async () => {
      stop = undefined;
      server = await start();
      rig = new Rig(server.url);
      stop = async () => {
        rig.end();
        await server.stop();
      };
    });
    // Also runs after a skip in beforeEach, where nothing has been started.
    test.afterEach(async () => stop?.());

    test("proxies and toxics by safe names, with own prefix; what is owned is counted", async () => {
      const control = server.control({ prefix: "run/1" });
      const upstream = await rig.upstream();
      const alice = await control.createProxy("alice #1/ä", `127.0.0.1:${upstream.port}`);
      const twin = await control.createProxy("alice #1/ä", `127.0.0.1:${upstream.port}`);
      expect([alice.name, twin.name]).toEqual(["run_1-alice_1_", "run_1-alice_1_.2"]);
      const name = await alice.addToxic({ type: "latency", attributes: { latency: 60_000 } });
      const peer = await rig.connect({ listen: alice.address });
      peer.write("held");
      await upstream.next();
      expect(control.leaks()).toEqual({
        proxies: [alice.name, twin.name],
        toxics: [`${alice.name}/latency_downstream`],
      });
      await alice.updateToxic(name, { attributes: { latency: 1 } });
      expect((await peer.got(4)).toString()).toBe("held");
      await alice.removeToxic(name);
      await control.close();
      expect(control.leaks()).toEqual({ proxies: [], toxics: [] });
      expect(await rig.json("GET", "/proxies")).toEqual({});
    });

    test("toxics removed in any order while a connection drains: the server lives, and what is removed acts on nothing", async () => {
      await using control = server.control();
      const upstream = await rig.upstream();
      const proxy = await control.createProxy("a", `127.0.0.1:${upstream.port}`);
      await proxy.addToxic({ name: "first", type: "noop", stream: "upstream" });
      await proxy.addToxic({
        name: "second",
        type: "latency",
        stream: "upstream",
        attributes: { latency: 60_000 },
      });
      // The first has let go of the bytes and ended, the second holds them: of twenty, some at least are so far.
      for (let count = 0; count < 20; count++) {
        const draining = await rig.connect({ listen: proxy.address });
        draining.socket.end("late");
        await upstream.next();
      }
      await proxy.removeToxic("first");
      expect(proxy.toxics).toEqual(["second"]);
      await expect(proxy.removeToxic("first")).rejects.toThrow("It has: second.");
      await proxy.removeToxic("second");
      await proxy.addToxic({
        name: "third",
        type: "latency",
        stream: "upstream",
        attributes: { latency: 1 },
      });
      await proxy.addToxic({ name: "first", type: "noop", stream: "upstream" });
      await proxy.removeToxic("third");
      await proxy.addToxic({ name: "third", type: "noop", stream: "upstream" });
      const peer = await rig.connect({ listen: proxy.address });
      peer.write("hi");
      expect((await peer.got(2)).toString()).toBe("hi");
      await proxy.removeAllToxics();
      expect(await rig.json("GET", `/proxies/${proxy.name}/toxics`)).toEqual([]);
    });

    test("disable and enable keep the port", async () => {
      await using control = server.control();
      const proxy = await control.createProxy("a", `127.0.0.1:${(await rig.upstream()).port}`);
      await proxy.setEnabled(false);
      expect(proxy.enabled).toBe(false);
      await expect(rig.connect({ listen: proxy.address })).rejects.toThrow("ECONNREFUSED");
      await proxy.setEnabled(true);
      const peer = await rig.connect({ listen: proxy.address });
      peer.write("hi");
      expect((await peer.got(2)).toString()).toBe("hi");
    });

    test("sweep deletes what a killed run left under the prefix, and nothing else", async () => {
      const killed = server.control({ prefix: "me" });
      await killed.createProxy("stale", "127.0.0.1:9");
      await using other = server.control({ prefix: "me2" });
      const theirs = await other.createProxy("busy", "127.0.0.1:9");
      await using control = server.control({ prefix: "me" });
      const mine = await control.createProxy("own", "127.0.0.1:9");
      expect(await control.sweep()).toEqual(["me-stale"]);
      expect(Object.keys((await rig.json("GET", "/proxies")) as object).sort()).toEqual(
        [mine.name, theirs.name].sort(),
      );
      await killed.close();
    });

    test("never calls /reset or /populate, and disables before it deletes", async () => {
      const recorder = await Recorder.before(server.url);
      const control = new ToxiproxyControl(recorder.url, { prefix: "me" });
      const proxy = await control.createProxy("a", "127.0.0.1:9");
      await proxy.addToxic({ type: "noop" });
      await control.sweep();
      await control.close();
      recorder.close();
      expect(recorder.calls).toEqual([
        "POST /proxies",
        "POST /proxies/me-a/toxics",
        "GET /proxies",
        "POST /proxies/me-a",
        "DELETE /proxies/me-a",
      ]);
    });

    test("errors carry the server's own text", async () => {
      await using control = server.control({ prefix: "me" });
      const proxy = await control.createProxy("a", "127.0.0.1:9");
      await proxy.addToxic({ type: "noop", name: "n" });
      await expect(proxy.addToxic({ type: "noop", name: "n" })).rejects.toMatchObject({
        code: "TOXIPROXY_REFUSED",
        status: 409,
        message: expect.stringContaining("(toxic already exists)"),
      });
    });

    test("what somebody else has removed counts as removed", async () => {
      const control = server.control({ prefix: "me" });
      const proxy = await control.createProxy("a", "127.0.0.1:9");
      await proxy.addToxic({ type: "noop", name: "n" });
      await rig.call("POST", "/reset");
      await proxy.removeToxic("n");
      await rig.call("DELETE", `/proxies/${proxy.name}`);
      await control.close();
      expect(control.leaks().proxies).toEqual([]);
    });

    test("a range of ports is used up, then said", async () => {
      const first = await freePort(rig);
      await using control = server.control({ ports: { from: first, to: first } });
      const proxy = await control.createProxy("a", "127.0.0.1:9");
      expect(proxy.port).toBe(first);
      await expect(control.createProxy("b", "127.0.0.1:9")).rejects.toMatchObject({
        code: "TOXIPROXY_PORTS",
        message: expect.stringContaining(`(${first}-${first})`),
      });
      await proxy.remove();
      expect((await control.createProxy("b", "127.0.0.1:9")).port).toBe(first);
    });

    test("upstreams are rewritten for a server elsewhere", async () => {
      const { port } = await rig.upstream();
      await using control = server.control({
        upstreamMap: { "node.invalid": "127.0.0.1", "other:1": "x:2" },
      });
      const proxy = await control.createProxy("a", `node.invalid:${port}`);
      await control.createProxy("b", "other:1");
      const peer = await rig.connect({ listen: proxy.address });
      peer.write("hi");
      expect((await peer.got(2)).toString()).toBe("hi");
      expect(JSON.stringify(await rig.json("GET", "/proxies"))).toContain('"upstream":"x:2"');
    });

    test("a port that cannot be reached from here is said, and its proxy removed", async () => {
      await using control = server.control({ checkPorts: true, advertisedHost: "nosuch.invalid" });
      await expect(control.createProxy("a", "127.0.0.1:9")).rejects.toMatchObject({
        code: "TOXIPROXY_PORTS",
        message: expect.stringContaining("nosuch.invalid:"),
      });
      expect(await rig.json("GET", "/proxies")).toEqual({});
    });
  });
}

async function freePort(rig: Rig): Promise<number> {
  const upstream = await rig.upstream();
  const { port } = upstream;
  upstream.close();
  return port;
}

test("URLs: put right, or refused with what to do", async () => {
  for (const [given, used] of [
    ["localhost:8474", "http://localhost:8474"],
    [" http://h:1// ", "http://h:1"],
    ["https://h/tp/", "https://h/tp"],
    ["http://[::1]:8474/", "http://[::1]:8474"],
  ] as const) {
    expect(new ToxiproxyControl(given).url).toBe(used);
  }
  for (const bad of ["", "http://", "ftp://h:1", "http://h:1/?a=1", "http://u:p@h:1", "http://h:99999"]) {
    await expect(connectToxiproxy(bad), bad).rejects.toMatchObject({
      code: "TOXIPROXY_BAD_URL",
      hint: expect.stringContaining("http://127.0.0.1:8474"),
    });
  }
});

test("nothing there, something else there, silence, a token asked for", async () => {
  const gone = await Recorder.start(() => undefined);
  const { url } = gone;
  gone.close();
  await expect(connectToxiproxy(url)).rejects.toMatchObject({
    code: "TOXIPROXY_UNREACHABLE",
    message: expect.stringContaining("ECONNREFUSED"),
  });

  const other = await Recorder.start((_, response) => response.end("<html>hello"));
  await expect(connectToxiproxy(other.url)).rejects.toMatchObject({ code: "TOXIPROXY_NOT_TOXIPROXY" });
  other.close();

  const silent = await Recorder.start(() => undefined);
  await expect(connectToxiproxy(silent.url, { callTimeoutMs: 200 })).rejects.toMatchObject({
    code: "TOXIPROXY_TIMEOUT",
    message: expect.stringContaining("within 200 ms"),
  });
  silent.close();

  const locked = await Recorder.start((request, response) => {
    response.writeHead(request.headers.authorization === "Bearer secret" ? 200 : 401);
    response.end('{"version": "2.13.0"}');
  });
  const refusal = await connectToxiproxy(locked.url, { token: "wrong" }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "TOXIPROXY_AUTH" });
  expect(String(refusal)).not.toContain("wrong");
  expect((await connectToxiproxy(locked.url, { token: "secret" })).version).toBe("2.13.0");
  process.env["TOXIPROXY_AUTH_TOKEN"] = "secret";
  try {
    expect((await connectToxiproxy(locked.url)).version).toBe("2.13.0");
  } finally {
    delete process.env["TOXIPROXY_AUTH_TOKEN"];
  }
  locked.close();
});

test("specs whose meaning depends on the server's version are refused before they are sent", async () => {
  await using toxiproxy = await startToxiproxy();
  await using control = toxiproxy.control();
  const proxy = await control.createProxy("a", "127.0.0.1:9");
  const specs: ToxicSpec[] = [
    { type: "bandwidth", attributes: { rate: 0 } },
    { type: "bandwidth" },
    { type: "slicer", attributes: { average_size: 0 } },
    { type: "slicer", attributes: { average_size: 10, size_variation: 11 } },
    { type: "latency", attributes: { latency: 1.5 } },
    { type: "latency", name: "a/b" },
  ];
  for (const spec of specs) {
    await expect(proxy.addToxic(spec), JSON.stringify(spec)).rejects.toMatchObject({
      code: "TOXIPROXY_TOXIC",
    });
  }
  await expect(proxy.removeToxic("none")).rejects.toThrow("It has: none.");
  expect((await toxiproxy.stats()).toxics).toBe(0);
});

test("proxies that could not be removed stay counted", async () => {
  const toxiproxy = await startToxiproxy();
  const control = toxiproxy.control();
  const proxy = await control.createProxy("a", "127.0.0.1:9");
  await toxiproxy.close();
  await expect(control.close()).rejects.toThrow("Toxiproxy kept 1 of this run's proxies.");
  expect(control.leaks().proxies).toEqual([proxy.name]);
});
