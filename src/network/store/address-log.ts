/** One association of an account with an inbox. */
export interface AddressEntry {
  readonly account: string;
  readonly inboxId: string;
  readonly sequenceId: bigint;
  revoked: boolean;
}

/** Which inbox an Ethereum account belongs to: the newest association that was not revoked. */
export class AddressLog {
  /** Called after each change, with what takes it back while nothing came after it. */
  onAdd: ((entry: AddressEntry, undo: () => void) => void) | undefined;
  onRevoke: ((account: string, inboxId: string, undo: () => void) => void) | undefined;
  #byAccount = new Map<string, AddressEntry[]>();

  add(account: string, inboxId: string, sequenceId: bigint): void {
    this.#push({ account, inboxId, sequenceId, revoked: false });
  }

  /** Revokes every association of the account with this inbox. */
  revoke(account: string, inboxId: string): void {
    const hit = (this.#byAccount.get(account) ?? []).filter(
      (entry) => entry.inboxId === inboxId && !entry.revoked,
    );
    for (const entry of hit) entry.revoked = true;
    this.onRevoke?.(account, inboxId, () => {
      for (const entry of hit) entry.revoked = false;
    });
  }

  /** Exact match, no case folding: the client sends what it registered. */
  inboxOf(account: string): string | undefined {
    let newest: AddressEntry | undefined;
    for (const entry of this.#byAccount.get(account) ?? []) {
      if (!entry.revoked && (!newest || entry.sequenceId > newest.sequenceId)) newest = entry;
    }
    return newest?.inboxId;
  }

  entries(): AddressEntry[] {
    return Array.from(this.#byAccount.values()).flat();
  }

  restore(entries: readonly AddressEntry[]): void {
    for (const entry of entries) this.#push({ ...entry });
  }

  /** @returns what takes it back */
  clear(): () => void {
    const before = this.#byAccount;
    this.#byAccount = new Map();
    return () => {
      this.#byAccount = before;
    };
  }

  #push(entry: AddressEntry): void {
    const log = this.#byAccount.get(entry.account);
    if (log) log.push(entry);
    else this.#byAccount.set(entry.account, [entry]);
    this.onAdd?.(entry, () => {
      const entries = this.#byAccount.get(entry.account);
      entries?.pop();
      if (entries?.length === 0) this.#byAccount.delete(entry.account);
    });
  }
}
