/** A map that tells of what is set in it. */
export class ObservedMap<K, V> extends Map<K, V> {
  /** Called after each `set`, with what takes it back. */
  onSet: ((key: K, value: V, undo: () => void) => void) | undefined;

  override set(key: K, value: V): this {
    const known = this.onSet !== undefined && this.has(key);
    const before = this.onSet && this.get(key);
    super.set(key, value);
    this.onSet?.(key, value, () => {
      if (known) super.set(key, before as V);
      else this.delete(key);
    });
    return this;
  }

  /** Empties the map. @returns what takes it back */
  empty(): () => void {
    const entries = [...this];
    this.clear();
    return () => {
      for (const [key, value] of entries) super.set(key, value);
    };
  }
}
