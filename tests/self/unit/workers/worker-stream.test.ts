import { expect, test } from "vitest";
import { WorkerStream } from "#src/workers/streams/stream.js";
import { typeofStream } from "#src/ledger/events.js";
import type { StreamHandlers } from "#src/workers/sdk/types.js";

/** A stream of texts that is told what it brings and what its gap holds. */
function streamOf(missed: () => Promise<readonly string[]>) {
  const recorded: string[] = [];
  let handlers: StreamHandlers<string> | undefined;
  const kind = {
    what: "stream of texts",
    open: (given: StreamHandlers<string>) => {
      handlers = given;
      return Promise.resolve({ end: () => Promise.resolve() });
    },
    identity: (text: string) => text,
    missed,
    emit: (text: string, source: string) => void recorded.push(`${source} ${text}`),
  };
  const report = { state: () => undefined, failed: () => undefined, over: () => undefined };
  const stream = new WorkerStream(kind, { startTimeoutMs: 5_000 } as never, report, 1, [
    typeofStream.Message,
  ]);
  return { stream, recorded, bring: (text: string) => handlers?.onValue(text) };
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
