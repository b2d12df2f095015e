/** A map that tells of what is set in it. */
export class ObservedMap<K, V> extends Map<K, V> {
  /** Called after each `set`. */
  onSet: ((key: K, value: V) => void) | undefined;

  override set(key: K, value: V): this {
    super.set(key, value);
    this.onSet?.(key, value);
    return this;
  }
}
