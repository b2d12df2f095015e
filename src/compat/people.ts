import { takeName } from "./workers/names.js";
import { findVersion } from "./workers/versions.js";

/** A worker as such a suite names it: `base`, `base-installation`, `base-installation-version`. */
export interface Descriptor {
  readonly base: string;
  /** Any word; "a" where none is given. */
  readonly folder: string;
  readonly sdkVersion: string | undefined;
}

const letters = "abcdefghijklmnopqrstuvwxyz";

/** Reads a descriptor. Spaces around it are not part of a name. */
export function readDescriptor(text: string): Descriptor {
  const [base = "", ...parts] = text.trim().split("-");
  const last = parts.at(-1);
  const known = last === undefined ? undefined : findVersion(last);
  const version = known?.nodeSDK ?? (last !== undefined && /^\d+\.\d+\.\d+$/.test(last) ? last : undefined);
  const words = version === undefined ? parts : parts.slice(0, -1);
  return { base: base.trim(), folder: words.join("-") || "a", sdkVersion: version };
}

/**
 * Names of a suite, and the workers they stand for here: a name may have any letters, an installation any word, where a
 * worker's has one letter. The same name stands for the same worker all through a describe.
 */
export class People {
  readonly #bases = new Map<string, string>();
  readonly #letters = new Map<string, Map<string, string>>();
  /** Ports of the nodes that workers were pinned to, by worker. */
  readonly pinned = new Map<string, number>();
  /** Workers that are there, by name. */
  readonly made = new Set<string>();
  /** Every inbox that somebody has: workers and the pool. */
  readonly inboxIds = new Set<string>();

  /** The worker's name here. A version of its own makes an installation of its own: a database knows one version. */
  workerName({ base, folder, sdkVersion }: Descriptor): string {
    takeName(base);
    const name = this.#base(base);
    const word = sdkVersion === undefined ? folder : `${folder}-${sdkVersion}`;
    const known = this.#letters.get(name) ?? new Map<string, string>();
    this.#letters.set(name, known);
    const taken = new Set(known.values());
    const wanted = letters.includes(word) && word.length === 1 && !taken.has(word) ? word : undefined;
    const free =
      wanted ??
      Array.from(letters).find((one) => !taken.has(one) && (one !== "a" || known.size === 0)) ??
      "z";
    const letter = known.get(word) ?? free;
    known.set(word, letter);
    return `${name}-${letter}${sdkVersion === undefined ? "" : `-${sdkVersion}`}`;
  }

  #base(base: string): string {
    const known = this.#bases.get(base);
    if (known !== undefined) return known;
    const plain = base
      .replace(/[^A-Za-z0-9_]/g, "_")
      .replace(/^(?![A-Za-z])/, "w")
      .slice(0, 36);
    const taken = new Set(this.#bases.values());
    let name = plain;
    for (let copy = 2; taken.has(name); copy++) name = `${plain}${copy}`;
    this.#bases.set(base, name);
    return name;
  }
}
