/** One field of a TLS structure: where its bytes lie. */
export interface TlsField {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A second reading of RFC 9420, written without the product's: it lists every field, lengths apart from contents. */
class Lister {
  readonly fields: TlsField[] = [];
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  int(name: string, size: number): number {
    const from = this.#take(name, size);
    return this.#bytes.subarray(from, from + size).reduce((value, byte) => value * 256 + byte, 0);
  }

  opaque(name: string): number {
    const length = this.#length(name);
    if (length > 0) this.#take(name, length);
    return length;
  }

  /** A vector of items, each read by `item` until the vector is used up. */
  list(name: string, item: (index: number) => void): void {
    const length = this.#length(name);
    const end = this.at + length;
    for (let index = 0; this.at < end; index++) item(index);
    if (this.at !== end) throw new RangeError(`${name} is longer than its vector`);
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  #length(name: string): number {
    const first = this.#bytes[this.at] ?? 0;
    const size = [1, 2, 4][first >> 6];
    if (size === undefined) throw new RangeError(`${name} has a reserved length`);
    const length = this.int(`length of ${name}`, size) - (first >> 6) * 2 ** (8 * size - 2);
    const fits = size === 1 || length >= (size === 2 ? 64 : 16_384);
    if (!fits) throw new RangeError(`the length of ${name} is not minimal`);
    return length;
  }

  #take(name: string, size: number): number {
    if (this.left < size) throw new RangeError(`${name} is cut off`);
    const from = this.at;
    this.at += size;
    this.fields.push({ name, from, to: this.at });
    return from;
  }
}

/** Fields of an MLSMessage that holds a PrivateMessage. @throws RangeError where the bytes are none */
export function privateMessageFields(bytes: Uint8Array): readonly TlsField[] {
  const reader = new Lister(bytes);
  if (reader.int("version", 2) !== 1) throw new RangeError("another version");
  if (reader.int("wire format", 2) !== 2) throw new RangeError("another wire format");
  if (reader.opaque("group id") === 0) throw new RangeError("no group");
  reader.int("epoch", 8);
  const content = reader.int("content type", 1);
  if (content < 1 || content > 3) throw new RangeError("another content type");
  for (const name of ["authenticated data", "encrypted sender data", "ciphertext"]) reader.opaque(name);
  return reader.fields;
}

/** Fields of a bare KeyPackage. @throws RangeError where the bytes are none */
export function keyPackageFields(bytes: Uint8Array): readonly TlsField[] {
  const reader = new Lister(bytes);
  reader.int("version", 2);
  reader.int("ciphersuite", 2);
  reader.opaque("init key");
  reader.opaque("encryption key");
  reader.opaque("signature key");
  reader.int("credential type", 2);
  reader.opaque("credential identity");
  for (const name of ["versions", "ciphersuites", "extensions", "proposals", "credentials"]) {
    reader.list(`capabilities: ${name}`, (index) => reader.int(`capabilities: ${name} ${index}`, 2));
  }
  if (reader.int("leaf node source", 1) !== 1) throw new RangeError("no leaf node of a key package");
  reader.int("not before", 8);
  reader.int("not after", 8);
  const extensions = (owner: string): void =>
    reader.list(`${owner} extensions`, (index) => {
      reader.int(`${owner} extension ${index} type`, 2);
      reader.opaque(`${owner} extension ${index} data`);
    });
  extensions("leaf node");
  reader.opaque("leaf node signature");
  extensions("key package");
  reader.opaque("key package signature");
  if (reader.left > 0) throw new RangeError("bytes follow the key package");
  return reader.fields;
}
