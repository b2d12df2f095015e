import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { deserialize, serialize } from "node:v8";
import { XmtpTestError, errorText } from "../../errors.js";
import { FRAME_HEADER_BYTES } from "../grpc/frame.js";
import type { AssociationState } from "../association/state.js";
import { associations, contents } from "../proto/index.js";
import type { AddressEntry } from "./address-log.js";
import type { KeyPackageRow, NodeStore } from "./node-store.js";

const FORMAT = "playwright-xmtp node snapshot";
const VERSION = 3;

interface Table<R> {
  readonly lastId: bigint;
  readonly rows: readonly R[];
}

/** Messages one after the other, each behind its length: a million arrays would take more room than what is in them. */
interface Messages {
  readonly lastId: bigint;
  readonly chunks: readonly Uint8Array[];
}

/** The file's content: messages as wire bytes, so that it does not depend on generated classes. */
interface Snapshot {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly groupMessages: Messages;
  readonly welcomes: Messages;
  readonly commitLog: Table<readonly [group: string, entry: Uint8Array]>;
  readonly identityLog: Table<readonly [id: bigint, serverTimestampNs: bigint, update: Uint8Array]>;
  readonly identityStates: ReadonlyMap<string, AssociationState>;
  readonly addressLog: readonly AddressEntry[];
  readonly keyPackages: ReadonlyMap<string, Uint8Array>;
  readonly keyPackageLog: Table<readonly [installation: string, row: KeyPackageRow]>;
  readonly authenticatedData: ReadonlyMap<bigint, Uint8Array>;
  readonly historyFiles: ReadonlyMap<string, Uint8Array>;
}

/** All data of the node as bytes. */
export function takeSnapshot(store: NodeStore): Buffer {
  const { groupMessages, welcomes, commitLog, identityLog } = store;
  const snapshot: Snapshot = {
    format: FORMAT,
    version: VERSION,
    groupMessages: { lastId: groupMessages.log.lastId, chunks: chunksOf(groupMessages.log.entries()) },
    welcomes: { lastId: welcomes.log.lastId, chunks: chunksOf(welcomes.log.entries()) },
    commitLog: {
      lastId: commitLog.lastId,
      rows: Array.from(commitLog.entries(), ([group, { entry }]) => [
        group,
        toBinary(contents.CommitLogEntrySchema, entry),
      ]),
    },
    identityLog: {
      lastId: identityLog.lastId,
      rows: Array.from(identityLog.entries(), ([, { id, serverTimestampNs, update }]) => [
        id,
        serverTimestampNs,
        toBinary(associations.IdentityUpdateSchema, update),
      ]),
    },
    identityStates: store.identityStates,
    addressLog: store.addressLog.entries(),
    keyPackages: store.keyPackages,
    keyPackageLog: { lastId: store.keyPackageLog.lastId, rows: [...store.keyPackageLog.entries()] },
    authenticatedData: store.authenticatedData,
    historyFiles: store.historyFiles,
  };
  return serialize(snapshot);
}

/**
 * Replaces all data of the node by a snapshot's.
 *
 * @throws XmtpTestError `BAD_SNAPSHOT` when the bytes are not a snapshot of this version; the data is then unchanged
 */
export function restoreSnapshot(store: NodeStore, bytes: Uint8Array): void {
  const snapshot = parse(bytes);
  store.clear();
  for (const bytes of messagesOf(snapshot.groupMessages.chunks)) store.groupMessages.restore(bytes);
  store.groupMessages.resumeAt(snapshot.groupMessages.lastId);
  for (const bytes of messagesOf(snapshot.welcomes.chunks)) store.welcomes.restore(bytes);
  store.welcomes.resumeAt(snapshot.welcomes.lastId);
  for (const [group, row] of snapshot.commitLog.rows) {
    const entry = fromBinary(contents.CommitLogEntrySchema, row);
    store.commitLog.append(group, { id: entry.sequenceId, entry });
  }
  for (const [id, serverTimestampNs, row] of snapshot.identityLog.rows) {
    const update = fromBinary(associations.IdentityUpdateSchema, row);
    store.identityLog.append(update.inboxId, { id, serverTimestampNs, update });
  }
  store.identityLog.resumeAt(snapshot.identityLog.lastId);
  for (const [inboxId, state] of snapshot.identityStates) store.identityStates.set(inboxId, state);
  store.addressLog.restore(snapshot.addressLog);
  for (const [key, value] of snapshot.keyPackages) store.keyPackages.set(key, value);
  for (const [key, row] of snapshot.keyPackageLog.rows) store.keyPackageLog.append(key, row);
  store.keyPackageLog.resumeAt(snapshot.keyPackageLog.lastId);
  for (const [id, aad] of snapshot.authenticatedData) store.authenticatedData.set(id, aad);
  for (const [id, file] of snapshot.historyFiles) store.historyFiles.set(id, Buffer.from(file));
}

const CHUNK_BYTES = 1 << 20;
const LENGTH_BYTES = 4;

function chunksOf(rows: Iterable<{ readonly frame: Buffer }>): Buffer[] {
  const chunks: Buffer[] = [];
  let parts: Buffer[] = [];
  let size = 0;
  const close = (): void => {
    if (size > 0) chunks.push(Buffer.concat(parts, size));
    parts = [];
    size = 0;
  };
  for (const { frame } of rows) {
    const message = frame.subarray(FRAME_HEADER_BYTES);
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32LE(message.length);
    parts.push(length, message);
    size += LENGTH_BYTES + message.length;
    if (size >= CHUNK_BYTES) close();
  }
  close();
  return chunks;
}

function* messagesOf(chunks: readonly Uint8Array[]): Generator<Buffer> {
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = 0; at < bytes.length;) {
      const end = at + LENGTH_BYTES + bytes.readUInt32LE(at);
      yield bytes.subarray(at + LENGTH_BYTES, end);
      at = end;
    }
  }
}

function parse(bytes: Uint8Array): Snapshot {
  let value: unknown;
  try {
    value = deserialize(bytes);
  } catch (error) {
    throw bad(errorText(error), error);
  }
  const { format, version } = (value ?? {}) as Partial<Snapshot>;
  if (format !== FORMAT || version !== VERSION) {
    throw bad(`format "${String(format)}", version ${String(version)}; expected version ${VERSION}`);
  }
  return value as Snapshot;
}

function bad(what: string, cause?: unknown): XmtpTestError {
  return new XmtpTestError(
    "BAD_SNAPSHOT",
    `The file is not a snapshot of a node (${what}).`,
    "Write it with snapshot() of the same package version.",
    { cause },
  );
}
