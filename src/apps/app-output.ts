/** The latest output that is kept, characters. */
const kept = 1_000_000;

/** What an app has written, standard output and error together, without its keys. */
export class AppOutput {
  readonly #keys: readonly string[];
  #text = "";
  #written = 0;

  /** @param keys hex, with or without `0x`; shown as `<key>` */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => key.replace(/^0x/, ""));
  }

  add(text: string): void {
    this.#text = (this.#text + text).slice(-kept);
    this.#written += text.length;
  }

  /** How much was written so far, characters: a place for {@link since}. */
  get written(): number {
    return this.#written;
  }

  /** What was written from that place on. */
  since(written: number): string {
    const text = this.#text.slice(Math.max(0, this.#text.length - (this.#written - written)));
    return this.#keys.reduce((rest, key) => rest.replaceAll(key, "<key>"), text);
  }

  get lastLines(): string {
    return this.since(0).trimEnd().split("\n").slice(-15).join("\n") || "(none)";
  }
}
