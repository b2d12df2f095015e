/** Calls at the node: counted by method, and apart for each client that has a port of its own. */
export class ClientCalls {
  readonly #all = new Map<string, number>();
  readonly #byClient = new Map<string, Map<string, number>>();
  /** When each of these clients called last, `performance.now()`. */
  readonly #latest = new Map<string, number>();

  /** Counts a client's calls apart from now on, from 0. */
  watch(client: string): void {
    this.#byClient.set(client, new Map());
  }

  unwatch(client: string): void {
    this.#byClient.delete(client);
    this.#latest.delete(client);
  }

  count(method: string, client: string | undefined): void {
    addOne(this.#all, method);
    if (client === undefined) return;
    const own = this.#byClient.get(client);
    if (own === undefined) return;
    addOne(own, method);
    this.#latest.set(client, performance.now());
  }

  get all(): Record<string, number> {
    return Object.fromEntries(this.#all);
  }

  of(client: string): Record<string, number> | undefined {
    const own = this.#byClient.get(client);
    return own && Object.fromEntries(own);
  }

  /** ms; undefined for a client that is not watched, or has made none. */
  sinceLast(client: string): number | undefined {
    const last = this.#latest.get(client);
    return last === undefined ? undefined : performance.now() - last;
  }
}

function addOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
