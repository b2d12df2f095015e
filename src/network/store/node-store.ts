import { toBinary } from "@bufbuild/protobuf";
import type { AssociationState } from "../identity/state.js";
import type { associations, contents } from "../proto/index.js";
import { mls } from "../proto/index.js";
import { AddressLog } from "./address-log.js";
import type { DeliveryTap } from "./delivery-tap.js";
import { EnvelopeTable } from "./envelope-table.js";
import { KeyedLog } from "./keyed-log.js";
import { ObservedMap } from "./observed-map.js";
import type { Row } from "./keyed-log.js";
import { Subscriptions } from "./subscriptions.js";

export interface CommitLogRow extends Row {
  readonly entry: contents.CommitLogEntry;
}

export interface IdentityRow extends Row {
  readonly serverTimestampNs: bigint;
  readonly update: associations.IdentityUpdate;
}

/** Everything the node keeps, in memory; ids are per table, as in the real node. */
export class NodeStore {
  readonly groupMessages = new EnvelopeTable<mls.GroupMessage>((m) => toBinary(mls.GroupMessageSchema, m));
  readonly welcomes = new EnvelopeTable<mls.WelcomeMessage>((m) => toBinary(mls.WelcomeMessageSchema, m));
  readonly commitLog = new KeyedLog<CommitLogRow>();
  readonly identityLog = new KeyedLog<IdentityRow>();
  readonly addressLog = new AddressLog();
  /** Last key package of each installation, by hex key. */
  readonly keyPackages = new ObservedMap<string, Uint8Array>();
  /** What the updates of each inbox add up to; kept so that a new update alone has to be verified. */
  readonly identityStates = new ObservedMap<string, AssociationState>();
  /** Uploads of the history server. */
  readonly historyFiles = new ObservedMap<string, Buffer>();
  readonly subscriptions = new Subscriptions();
  /** Faults of live deliveries, where somebody makes any. */
  tap: DeliveryTap | undefined;
  /** Called when all data is forgotten. */
  onClear: (() => void) | undefined;
  /** Messages written to streams. */
  deliveries = 0;

  /** Forgets all data; open subscriptions stay. */
  clear(): void {
    this.groupMessages.clear();
    this.welcomes.clear();
    this.commitLog.clear();
    this.identityLog.clear();
    this.addressLog.clear();
    this.keyPackages.clear();
    this.identityStates.clear();
    this.historyFiles.clear();
    this.onClear?.();
  }
}
