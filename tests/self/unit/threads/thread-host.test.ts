import { describe, expect, test } from "vitest";
import { ThreadHost } from "#src/threads/thread-host.js";

const serve = new URL("../../../../dist/src/threads/serve-thread.js", import.meta.url).href;

/** A thread whose methods the test writes. */
function entry(methods: string, before = ""): URL {
  const source = `${before}
    import { serveThread } from ${JSON.stringify(serve)};
    serveThread({ ${methods} }, "here");`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

const ENOSPC = `Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" })`;

describe("a server's thread", () => {
  test("that throws is told at once, with the cause and what to do, and is one error for all", async () => {
    const { host } = await ThreadHost.start<{ die: () => Promise<void>; wait: () => Promise<void> }>(
      entry(
        `die: () => { setImmediate(() => { throw ${ENOSPC}; }); return new Promise(() => undefined); },
         wait: () => new Promise(() => undefined)`,
      ),
      { name: "test" },
    );
    const waiting = host.call("wait").catch((error: unknown) => error);
    const dying = host.call("die").catch((error: unknown) => error);
    const error = await host.died;
    expect(error).toMatchObject({
      code: "THREAD_ENDED",
      what: "The test thread ended by itself (ENOSPC: no space left on device, write).",
      hint: "The disk is full: make room there, or choose another folder.",
    });
    expect(await waiting).toBe(error);
    expect(await dying).toBe(error);
    await expect(host.call("wait")).rejects.toBe(error);
    await host.terminate();
  });

  test("that exits is told with its exit code", async () => {
    const { host } = await ThreadHost.start<{ die: () => void }>(entry(`die: () => process.exit(7)`), {
      name: "test",
    });
    void host.call("die").catch(() => undefined);
    expect((await host.died).what).toBe("The test thread ended by itself (exit code 7).");
  });

  test("that is terminated has not died", async () => {
    const { host } = await ThreadHost.start(entry(""), { name: "test" });
    let died = false;
    void host.died.then(() => (died = true));
    await host.terminate();
    await new Promise((resolve) => setImmediate(resolve));
    expect(died).toBe(false);
  });

  test.each([
    ["EMFILE: too many open files", "descriptors"],
    ["ENOSPC: no space left on device", "The disk is full"],
    ["ENOENT: no such file or directory", "Its folder is missing"],
  ])("that cannot start for %j says what helps, and not to rebuild", async (text, hint) => {
    const starting = ThreadHost.start(entry("", `throw new Error(${JSON.stringify(text)});`), {
      name: "test",
    });
    await expect(starting).rejects.toMatchObject({
      code: "THREAD_START",
      hint: expect.stringContaining(hint) as string,
    });
    await expect(starting).rejects.not.toThrow("npm run build");
  });
});
