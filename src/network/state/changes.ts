import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { AssociationState } from "../association/state.js";
import { associations, contents } from "../proto/index.js";
import type { AddressEntry } from "../store/address-log.js";
import type { Journal } from "../store/journal.js";
import type { KeyPackageRow, NodeStore } from "../store/node-store.js";

/** One change of the node's data; messages as wire bytes, so that it does not depend on generated classes. */
export type Change =
  | readonly ["group" | "welcome", Uint8Array]
  | readonly ["commit", group: string, Uint8Array]
  | readonly ["identity", id: bigint, serverTimestampNs: bigint, Uint8Array]
  | readonly ["inbox", inboxId: string, AssociationState]
  | readonly ["address", AddressEntry]
  | readonly ["revoke", account: string, inboxId: string]
  | readonly ["keyPackage" | "history", key: string, Uint8Array]
  | readonly ["upload", installation: string, KeyPackageRow]
  | readonly ["authenticated", messageId: bigint, Uint8Array]
  | readonly ["clear"];

/** Has every change of the store kept from now on, whoever makes it. */
export function observe(store: NodeStore, journal: Journal<Change>): void {
  const tell = (change: Change, undo: () => void): void => journal.tell(change, undo);
  store.journal = journal;
  store.groupMessages.onInsert = (bytes, undo) => tell(["group", bytes], undo);
  store.welcomes.onInsert = (bytes, undo) => tell(["welcome", bytes], undo);
  store.commitLog.onAppend = (group, { entry }, undo) =>
    tell(["commit", group, toBinary(contents.CommitLogEntrySchema, entry)], undo);
  store.identityLog.onAppend = (_inboxId, { id, serverTimestampNs, update }, undo) =>
    tell(["identity", id, serverTimestampNs, toBinary(associations.IdentityUpdateSchema, update)], undo);
  store.identityStates.onSet = (inboxId, state, undo) => tell(["inbox", inboxId, state], undo);
  store.addressLog.onAdd = (entry, undo) => tell(["address", { ...entry }], undo);
  store.addressLog.onRevoke = (account, inboxId, undo) => tell(["revoke", account, inboxId], undo);
  store.keyPackages.onSet = (key, bytes, undo) => tell(["keyPackage", key, bytes], undo);
  store.keyPackageLog.onAppend = (key, row, undo) => tell(["upload", key, row], undo);
  store.authenticatedData.onSet = (id, bytes, undo) => tell(["authenticated", id, bytes], undo);
  store.historyFiles.onSet = (id, bytes, undo) => tell(["history", id, bytes], undo);
  store.onClear = (undo) => tell(["clear"], undo);
}

/** Makes a change that was told of once more. */
export function apply(store: NodeStore, change: Change): void {
  switch (change[0]) {
    case "group":
      store.groupMessages.restore(change[1]);
      return;
    case "welcome":
      store.welcomes.restore(change[1]);
      return;
    case "commit": {
      const entry = fromBinary(contents.CommitLogEntrySchema, change[2]);
      store.commitLog.append(change[1], { id: entry.sequenceId, entry });
      return;
    }
    case "identity": {
      const [, id, serverTimestampNs, bytes] = change;
      const update = fromBinary(associations.IdentityUpdateSchema, bytes);
      store.identityLog.append(update.inboxId, { id, serverTimestampNs, update });
      return;
    }
    case "inbox":
      store.identityStates.set(change[1], change[2]);
      return;
    case "address":
      store.addressLog.restore([change[1]]);
      return;
    case "revoke":
      store.addressLog.revoke(change[1], change[2]);
      return;
    case "keyPackage":
      store.keyPackages.set(change[1], change[2]);
      return;
    case "upload":
      store.keyPackageLog.append(change[1], change[2]);
      return;
    case "authenticated":
      store.authenticatedData.set(change[1], change[2]);
      return;
    case "history":
      store.historyFiles.set(change[1], Buffer.from(change[2]));
      return;
    case "clear":
      store.clear();
  }
}
