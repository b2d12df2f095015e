import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { deserialize, serialize } from "node:v8";
import { XmtpTestError, errorText } from "../../errors.js";
import type { AssociationState } from "../association/state.js";
import { associations, contents, mls } from "../proto/index.js";
import type { AddressEntry } from "./address-log.js";
import type { KeyPackageRow, NodeStore } from "./node-store.js";
import { groupPayload, welcomePayload } from "./payload.js";

const FORMAT = "playwright-xmtp node snapshot";
const VERSION = 2;

interface Table<R> {
  readonly lastId: bigint;
  readonly rows: readonly R[];
}

/** The file's content: messages as wire bytes, so that it does not depend on generated classes. */
interface Snapshot {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly groupMessages: Table<Uint8Array>;
  readonly welcomes: Table<Uint8Array>;
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
    groupMessages: {
      lastId: groupMessages.log.lastId,
      rows: Array.from(groupMessages.log.entries(), ([, { message }]) =>
        toBinary(mls.GroupMessageSchema, message),
      ),
    },
    welcomes: {
      lastId: welcomes.log.lastId,
      rows: Array.from(welcomes.log.entries(), ([, { message }]) =>
        toBinary(mls.WelcomeMessageSchema, message),
      ),
    },
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
  for (const row of snapshot.groupMessages.rows) {
    const message = fromBinary(mls.GroupMessageSchema, row);
    if (message.version.case !== "v1") continue;
    const { id, groupId } = message.version.value;
    store.groupMessages.restore(groupId, groupPayload(message), id, message);
  }
  store.groupMessages.log.resumeAt(snapshot.groupMessages.lastId);
  for (const row of snapshot.welcomes.rows) {
    const message = fromBinary(mls.WelcomeMessageSchema, row);
    if (message.version.case === undefined) continue;
    const { id, installationKey } = message.version.value;
    store.welcomes.restore(installationKey, welcomePayload(message), id, message);
  }
  store.welcomes.log.resumeAt(snapshot.welcomes.lastId);
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
