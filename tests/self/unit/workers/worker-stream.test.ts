import { expect, test, vi } from "vitest";
import { WorkerStream } from "#src/workers/streams/stream.js";
import { typeofStream } from "#src/ledger/events.js";
import type { StreamHandlers } from "#src/workers/sdk/types.js";

/** A promise that the test resolves. */
function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

/** A stream of texts that is told what it brings and what its gap holds. */
function streamOf(
  missed: () => Promise<readonly string[]>,
  atOnce: readonly string[] = [],
  { failure, holdMs = 60_000 }: { failure?: Error; holdMs?: number } = {},
) {
  const recorded: string[] = [];
  let handlers: StreamHandlers<string> | undefined;
  const kind = {
    what: "stream of texts",
    open: (given: StreamHandlers<string>) => {
      handlers = given;
      for (const text of atOnce) given.onValue(text);
      if (failure) return Promise.reject(failure);
      return Promise.resolve({ end: () => Promise.resolve() });
    },
    identity: (text: string) => text,
    missed,
    emit: (text: string, source: string) => void recorded.push(`${source} ${text}`),
  };
  const report = { state: () => undefined, failed: () => undefined, over: () => undefined };
  const stream = new WorkerStream(kind, { startTimeoutMs: 5_000, holdMs } as never, report, 1, [
    typeofStream.Message,
  ]);
  return {
    stream,
    recorded,
    bring: (text: string) => handlers?.onValue(text),
    restart: () => handlers?.onRestart(),
  };
}

test("what a gap was filled with just before the stream hands it over counts once", async () => {
  const { stream, recorded, bring } = streamOf(() => Promise.resolve(["missed", "on its way"]));
  await stream.start(0);
  bring("on its way");
  bring("new");
  expect(recorded).toEqual(["gap missed", "gap on its way", "stream new"]);
});

test("what the stream brought before is not filled in again", async () => {
  const { stream, recorded, bring } = streamOf(() => {
    bring("early");
    return Promise.resolve(["early", "missed"]);
  });
  await stream.start(0);
  expect(recorded).toEqual(["stream early", "gap missed"]);
});

test("what a stream brings twice is recorded twice, also when the gap had it", async () => {
  const { stream, recorded, bring } = streamOf(() => Promise.resolve(["doubled"]));
  await stream.start(0);
  for (const text of ["doubled", "doubled", "new", "new"]) bring(text);
  expect(recorded).toEqual(["gap doubled", "stream doubled", "stream new", "stream new"]);
});

test("what the stream brings while a gap is filled is recorded after the gap, which is older", async () => {
  const { stream, recorded, bring } = streamOf(() => {
    bring("newest");
    return Promise.resolve(["first", "second", "newer"]);
  }, ["newer"]);
  await stream.start(0);
  expect(recorded).toEqual(["gap first", "gap second", "stream newer", "stream newest"]);
});

test("the same after a restart, also when the next one comes before the gap is filled", async () => {
  const gaps = [later<readonly string[]>(), later<readonly string[]>()];
  const asked = [later<undefined>(), later<undefined>()];
  let fills = 0;
  const { stream, recorded, bring, restart } = streamOf(() => {
    asked[fills]?.resolve(undefined);
    return gaps[fills++]?.promise ?? Promise.resolve([]);
  });
  await stream.start();
  bring("before");
  restart();
  bring("live 1");
  restart();
  bring("live 2");
  await asked[0]?.promise;
  gaps[0]?.resolve(["before", "missed 1", "live 1"]);
  await asked[1]?.promise;
  expect(recorded).toEqual(["stream before", "gap missed 1", "stream live 1"]);
  gaps[1]?.resolve(["missed 2"]);
  await stream.end();
  // It was live when the stream was ended: that it waited for a gap is nothing to lose it for.
  expect(recorded).toEqual(["stream before", "gap missed 1", "stream live 1", "stream live 2"]);
});

test("what the stream brings is recorded when the gap cannot be read, too", async () => {
  const { stream, recorded } = streamOf(() => Promise.reject(new Error("database is locked")), ["live"]);
  await stream.start(0);
  expect(recorded).toEqual(["stream live"]);
});

test("what the stream brings waits for a gap for a while, and no longer", async () => {
  const gap = later<readonly string[]>();
  const { stream, recorded, bring } = streamOf(() => gap.promise, ["at once"], { holdMs: 20 });
  const started = stream.start(0);
  expect(recorded).toEqual([]);
  await vi.waitFor(() => expect(recorded).toEqual(["stream at once"]), { timeout: 10_000 });
  bring("then");
  gap.resolve(["missed", "at once", "then"]);
  await started;
  expect(recorded).toEqual(["stream at once", "stream then", "gap missed"]);
});

test("no timer outlives a stream that fails to start, or is ended while a gap is read", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((what) => what === "Timeout").length;
  const before = timers();
  const failing = streamOf(() => Promise.resolve([]), [], { failure: new Error("unreachable") });
  await expect(failing.stream.start(0)).rejects.toThrow(/unreachable/);
  expect(timers()).toBe(before);
  const gap = later<readonly string[]>();
  const { stream, restart } = streamOf(() => gap.promise);
  await stream.start();
  restart();
  expect(timers()).toBe(before + 1);
  const ended = stream.end();
  expect(timers()).toBe(before);
  gap.resolve([]);
  await ended;
});

test("a stream that does not start over anew holds nothing back", async () => {
  const { stream, recorded, bring } = streamOf(() => Promise.reject(new Error("nobody asked")), ["at once"]);
  await stream.start();
  bring("live");
  expect(recorded).toEqual(["stream at once", "stream live"]);
});
