import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { setImmediate } from "node:timers/promises";
import { deserialize, serialize } from "node:v8";
import { describe, expect, test } from "vitest";
import { contents, mls } from "#src/network/proto/index.js";
import { commitLogHandlers } from "#src/network/services/commit-log.js";
import { groupMessageHandlers } from "#src/network/services/group-messages.js";
import { welcomeHandlers } from "#src/network/services/welcomes.js";
import { apply, observe } from "#src/network/state/changes.js";
import type { Change } from "#src/network/state/changes.js";
import { StateFile } from "#src/network/state/state-file.js";
import { Journal } from "#src/network/store/journal.js";
import { NodeStore } from "#src/network/store/node-store.js";
import { NotStoredError } from "#src/network/store/not-stored.js";
import { restoreSnapshot, takeSnapshot } from "#src/network/store/snapshot.js";
import { StatusError } from "#src/network/grpc/status.js";
import { privateMessage } from "../../../network/mls-bytes.js";
import { FaultyDisk } from "./faulty-disk.js";

const RUNS = 500;
const CALL = { peer: "127.0.0.1:1", metadata: {} };
const key = (n: number): Uint8Array => Buffer.alloc(32, n + 1);
const name = (n: number): string => Buffer.from(key(n)).toString("hex");

/** All data, without the ids that are burnt: a database's sequence goes on after a refusal too. */
function dataOf(store: NodeStore): Buffer {
  const snapshot = deserialize(takeSnapshot(store)) as Record<string, { lastId?: bigint } | undefined>;
  for (const table of Object.values(snapshot)) if (table?.lastId !== undefined) table.lastId = 0n;
  return serialize(snapshot);
}

type Verb = (store: NodeStore, n: number) => unknown;

/** Everything that changes a store. Small numbers, so that things come twice. */
const verbs: Readonly<Record<string, Verb>> = {
  group: (store, n) =>
    groupMessageHandlers(store).sendGroupMessages?.(
      create(mls.SendGroupMessagesRequestSchema, {
        messages: [n].map((one) => ({
          version: { case: "v1" as const, value: { data: privateMessage(`g${one % 3}`, `text ${one}`) } },
        })),
      }),
      CALL,
    ),
  welcome: (store, n) =>
    void welcomeHandlers(store).sendWelcomeMessages?.(
      create(mls.SendWelcomeMessagesRequestSchema, {
        messages: [
          {
            version: {
              case: "v1",
              value: { installationKey: key(n % 3), data: key(n), hpkePublicKey: key(1) },
            },
          },
        ],
      }),
      CALL,
    ),
  commitLog: (store, n) =>
    void commitLogHandlers(store).batchPublishCommitLog?.(
      create(mls.BatchPublishCommitLogRequestSchema, {
        requests: [
          { groupId: key(n % 3), serializedCommitLogEntry: key(n), signature: { bytes: key(n) } },
          { groupId: key(n % 2), serializedCommitLogEntry: key(n), signature: { bytes: key(n) } },
        ],
      }),
      CALL,
    ),
  keyPackage: (store, n) => store.putKeyPackage(name(n % 3), key(n)),
  account: (store, n) =>
    store.step(() => {
      store.addressLog.add(`0x${n % 3}`, name(n % 2), BigInt(n));
      store.addressLog.revoke(`0x${(n + 1) % 3}`, name(n % 2));
      store.authenticatedData.set(BigInt(n % 4), key(n));
    }),
  history: (store, n) => void store.historyFiles.set(name(n % 3), Buffer.from(key(n))),
  clear: (store) => store.clear(),
  restore: (store) => {
    const other = new NodeStore();
    other.putKeyPackage(name(7), key(7));
    other.commitLog.append(name(7), {
      id: 1n,
      entry: create(contents.CommitLogEntrySchema, { sequenceId: 1n }),
    });
    const bytes = takeSnapshot(other);
    store.step(() => restoreSnapshot(store, bytes));
  },
};

function open(disk: FaultyDisk): NodeStore {
  const store = new NodeStore();
  const file = StateFile.open<Change>("node.state", (change) => apply(store, change), { files: disk });
  observe(store, new Journal<Change>((changes) => file.write(changes)));
  return store;
}

const refusal = (error: unknown): boolean =>
  error instanceof NotStoredError || (error instanceof StatusError && error.cause instanceof NotStoredError);

describe("a store that is kept in a file", () => {
  test(`is what its file says, whatever the disk refuses (${RUNS} histories)`, async () => {
    const step = fc.record({
      verb: fc.constantFrom(
        ...Object.keys(verbs).flatMap((one) => (one === "clear" ? [one] : [one, one, one])),
      ),
      n: fc.nat(6),
      room: fc.option(fc.nat(300), { nil: undefined }),
    });
    const seen = { kept: new Map<string, number>(), refused: new Map<string, number>() };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
        const disk = new FaultyDisk();
        const store = open(disk);
        const heard: bigint[] = [];
        store.groupMessages.feed.listen(
          [0, 1, 2].map((n) => Buffer.from(`g${n}`.padEnd(16, ".")).toString("hex")),
          (_, { id }) => heard.push(id),
        );
        const kept: bigint[] = [];
        for (const { verb, n, room } of steps) {
          disk.room = room === undefined ? Infinity : disk.content.length + room;
          const before = dataOf(store);
          const rows = new Set(Array.from(store.groupMessages.log.entries(), ({ id }) => id));
          try {
            await verbs[verb]?.(store, n);
            seen.kept.set(verb, (seen.kept.get(verb) ?? 0) + 1);
          } catch (error) {
            if (!refusal(error)) throw error;
            seen.refused.set(verb, (seen.refused.get(verb) ?? 0) + 1);
            expect(dataOf(store).equals(before), `${verb} was refused, and has changed nothing`).toBe(true);
          }
          for (const { id } of store.groupMessages.log.entries()) if (!rows.has(id)) kept.push(id);
          await setImmediate();
          expect(heard, "subscribers hear what is kept, and nothing else").toEqual(
            kept.sort((a, b) => Number(a - b)),
          );
          heard.length = 0;
          kept.length = 0;
        }
        disk.room = Infinity;
        expect(dataOf(open(disk)).equals(dataOf(store)), "the next node has the same").toBe(true);
        for (const [verb, run] of Object.entries(verbs)) {
          if (verb !== "clear" && verb !== "restore") await run(store, 5);
        }
        expect(dataOf(open(disk)).equals(dataOf(store)), "and this one goes on").toBe(true);
      }),
      { numRuns: RUNS, seed: 12 },
    );
    // Each verb was refused and kept, or this shows nothing about it.
    for (const verb of Object.keys(verbs)) {
      expect(seen.kept.get(verb), `${verb} kept`).toBeGreaterThan(5);
      expect(seen.refused.get(verb), `${verb} refused`).toBeGreaterThan(5);
    }
  }, 120_000);

  test("a refused message may be sent again, and is INTERNAL with the disk's words until there is room", async () => {
    const disk = new FaultyDisk();
    const store = open(disk);
    disk.room = disk.content.length + 1;
    await expect(verbs["group"]?.(store, 1)).rejects.toEqual(
      expect.objectContaining({
        code: 13,
        message: "failed to insert message: ENOSPC: the disk says so, write",
      }),
    );
    disk.room = Infinity;
    await verbs["group"]?.(store, 1);
    expect(store.groupMessages.log.size).toBe(1);
  });

  test("a journal whose changes are not taken back is found out", () => {
    const store = new NodeStore();
    const full = new Journal<Change>(() => {
      throw new NotStoredError("node.state", "ENOSPC");
    });
    observe(store, full);
    store.historyFiles.onSet = (id, bytes) => full.tell(["history", id, bytes], () => undefined);
    const before = dataOf(store);
    expect(() => store.historyFiles.set("a", Buffer.from("b"))).toThrow(NotStoredError);
    expect(dataOf(store).equals(before)).toBe(false);
  });
});
