import type { AssociationState } from "../association/state.js";
import type { associations, contents, mls } from "../proto/index.js";
import { AddressLog } from "./address-log.js";
import type { DeliveryTap } from "./delivery-tap.js";
import { nowNs } from "./clock.js";
import { EnvelopeTable } from "./envelope-table.js";
import type { Envelope } from "./envelope-table.js";
import { Feed } from "./feed.js";
import type { Journal } from "./journal.js";
import { KeyedLog } from "./keyed-log.js";
import { ObservedMap } from "./observed-map.js";
import type { Row } from "./keyed-log.js";
import { GROUP_MESSAGES, WELCOMES } from "./envelope-kinds.js";
import { Subscriptions } from "./subscriptions.js";
import type { TrafficTap } from "./traffic.js";

export interface CommitLogRow extends Row {
  readonly entry: contents.CommitLogEntry;
}

export interface IdentityRow extends Row {
  readonly serverTimestampNs: bigint;
  readonly update: associations.IdentityUpdate;
}

/** A key package as it was uploaded. */
export interface KeyPackageRow extends Row {
  readonly serverTimestampNs: bigint;
  readonly bytes: Uint8Array;
}

/** Everything the node keeps, in memory; ids are per table, as in the real node. */
export class NodeStore {
  readonly groupMessages: EnvelopeTable<mls.GroupMessage>;
  readonly welcomes = new EnvelopeTable<mls.WelcomeMessage>(WELCOMES);
  readonly commitLog = new KeyedLog<CommitLogRow>();
  readonly identityLog = new KeyedLog<IdentityRow>();
  readonly identityFeed = new Feed<IdentityRow>();
  readonly addressLog = new AddressLog();
  /** Last key package of each installation, by hex key. */
  readonly keyPackages = new ObservedMap<string, Uint8Array>();
  /** All key packages that were uploaded; only d14n clients see more than the last. */
  readonly keyPackageLog = new KeyedLog<KeyPackageRow>();
  readonly keyPackageFeed = new Feed<KeyPackageRow>();
  /** What d14n clients said of their group messages (AuthenticatedData, encoded), by message id. */
  readonly authenticatedData = new ObservedMap<bigint, Uint8Array>();
  /** What the updates of each inbox add up to; kept so that a new update alone has to be verified. */
  readonly identityStates = new ObservedMap<string, AssociationState>();
  /** Uploads of the history server. */
  readonly historyFiles = new ObservedMap<string, Buffer>();
  readonly subscriptions = new Subscriptions();
  /** Faults of live deliveries, where somebody makes any. */
  tap: DeliveryTap | undefined;
  /** Called when all data is forgotten, with what takes that back. */
  onClear: ((undo: () => void) => void) | undefined;
  /** Who keeps the changes, where somebody does. */
  journal: Pick<Journal<unknown>, "step"> | undefined;
  /** Hears what single clients publish and get, where somebody listens. */
  traffic: TrafficTap | undefined;
  /** Messages written to streams. */
  deliveries = 0;

  /** @param groupFeed how group messages reach those who are subscribed */
  constructor(groupFeed?: Feed<Envelope<mls.GroupMessage>>) {
    this.groupMessages = new EnvelopeTable<mls.GroupMessage>(GROUP_MESSAGES, groupFeed);
  }

  /**
   * Makes changes together: kept all, or none.
   *
   * @throws NotStoredError when they cannot be kept; the store is then as before
   */
  step<T>(work: () => T): T {
    return this.journal ? this.journal.step(work) : work();
  }

  /** Keeps an installation's key package; the same one again is not news. */
  putKeyPackage(key: string, bytes: Uint8Array): void {
    const known = this.keyPackages.get(key);
    if (known && Buffer.compare(known, bytes) === 0) return;
    const row: KeyPackageRow = { id: this.keyPackageLog.nextId(), serverTimestampNs: nowNs(), bytes };
    this.step(() => {
      this.keyPackages.set(key, bytes);
      this.keyPackageLog.append(key, row);
    });
    void this.keyPackageFeed.publish(key, row);
  }

  /** Forgets all data; open subscriptions stay. */
  clear(): void {
    const backs = [
      this.groupMessages.clear(),
      this.welcomes.clear(),
      this.commitLog.clear(),
      this.identityLog.clear(),
      this.addressLog.clear(),
      this.keyPackages.empty(),
      this.keyPackageLog.clear(),
      this.authenticatedData.empty(),
      this.identityStates.empty(),
      this.historyFiles.empty(),
    ];
    this.onClear?.(() => {
      for (const back of backs) back();
    });
  }
}
