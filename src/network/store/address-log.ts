/** One association of an account with an inbox. */
export interface AddressEntry {
  readonly account: string;
  readonly inboxId: string;
  readonly sequenceId: bigint;
  revoked: boolean;
}

/** Which inbox an Ethereum account belongs to: the newest association that was not revoked. */
export class AddressLog {
  onAdd: ((entry: AddressEntry) => void) | undefined;
  onRevoke: ((account: string, inboxId: string) => void) | undefined;
  readonly #byAccount = new Map<string, AddressEntry[]>();

  add(account: string, inboxId: string, sequenceId: bigint): void {
    this.#push({ account, inboxId, sequenceId, revoked: false });
  }

  /** Revokes every association of the account with this inbox. */
  revoke(account: string, inboxId: string): void {
    for (const entry of this.#byAccount.get(account) ?? []) {
      if (entry.inboxId === inboxId) entry.revoked = true;
    }
    this.onRevoke?.(account, inboxId);
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

  clear(): void {
    this.#byAccount.clear();
  }

  #push(entry: AddressEntry): void {
    const log = this.#byAccount.get(entry.account);
    if (log) log.push(entry);
    else this.#byAccount.set(entry.account, [entry]);
    this.onAdd?.(entry);
  }
}
