import { CIPHERSUITES } from "./ciphersuites.js";
import { TlsReader, decodingError, unknownValue } from "./tls-reader.js";

export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
}

/** A parsed KeyPackage (RFC 9420 section 10); `tbs` are the very bytes that the two signatures cover. */
export interface KeyPackage {
  readonly version: number;
  readonly ciphersuite: number;
  readonly initKey: Uint8Array;
  readonly leaf: LeafNode;
  readonly extensions: readonly Extension[];
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

export interface LeafNode {
  readonly encryptionKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly credential: { readonly type: number; readonly identity: Uint8Array };
  readonly supportedExtensions: ReadonlySet<number>;
  /** 1 key package, 2 update, 3 commit */
  readonly source: number;
  /** Unix seconds; only leaf nodes of key packages have one. */
  readonly lifetime: { readonly notBefore: bigint; readonly notAfter: bigint } | undefined;
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

export const LEAF_SOURCE_KEY_PACKAGE = 1;
const LEAF_SOURCE_UPDATE = 2;
const LEAF_SOURCE_COMMIT = 3;

/**
 * Reads a bare KeyPackage, all bytes of it.
 *
 * @throws MlsFormatError with the text of tls_codec's error.
 */
export function parseKeyPackage(bytes: Uint8Array): KeyPackage {
  const reader = new TlsReader(bytes);
  const keyPackage = readKeyPackage(reader);
  reader.end();
  return keyPackage;
}

/** Reads a KeyPackage that other bytes may follow. @throws MlsFormatError */
export function readKeyPackage(reader: TlsReader): KeyPackage {
  const start = reader.position;
  const version = reader.u16();
  const ciphersuite = reader.u16();
  if (!CIPHERSUITES.has(ciphersuite)) throw unknownValue(ciphersuite);
  const initKey = reader.vector();
  const leaf = leafNode(reader);
  const extensions = readExtensions(reader);
  const tbs = reader.slice(start, reader.position);
  const signature = reader.vector();
  return { version, ciphersuite, initKey, leaf, extensions, tbs, signature };
}

function leafNode(reader: TlsReader): LeafNode {
  const start = reader.position;
  const encryptionKey = reader.vector();
  const signatureKey = reader.vector();
  const credential = { type: reader.u16(), identity: reader.vector() };
  const codes = () => reader.list(() => reader.u16());
  codes(); // versions
  codes(); // ciphersuites
  const supportedExtensions = new Set(codes());
  codes(); // proposals
  codes(); // credentials
  const source = reader.u8();
  const lifetime = leafSource(reader, source);
  readExtensions(reader);
  const tbs = reader.slice(start, reader.position);
  const signature = reader.vector();
  return { encryptionKey, signatureKey, credential, supportedExtensions, source, lifetime, tbs, signature };
}

function leafSource(reader: TlsReader, source: number): LeafNode["lifetime"] {
  switch (source) {
    case LEAF_SOURCE_KEY_PACKAGE:
      return { notBefore: reader.u64(), notAfter: reader.u64() };
    case LEAF_SOURCE_UPDATE:
      return undefined;
    case LEAF_SOURCE_COMMIT:
      reader.vector(); // parent hash
      return undefined;
    default:
      throw unknownValue(source);
  }
}

/** Extensions whose data OpenMLS decodes with the list that they are in (RFC 9420 section 17.3); others are opaque. */
const EXTENSION_DATA: Readonly<Record<number, (data: TlsReader) => void>> = {
  // application_id
  1: (data) => data.vector(),
  // ratchet_tree: of its nodes nothing is read
  2: (data) => data.u8(),
  // required_capabilities
  3: (data) => {
    for (let list = 0; list < 3; list++) data.list(() => data.u16());
  },
  // external_pub
  4: (data) => data.vector(),
  // external_senders
  5: (data) => data.list(() => [data.vector(), data.u16(), data.vector()]),
};

/** A list of extensions, each type once. @throws MlsFormatError */
export function readExtensions(reader: TlsReader): Extension[] {
  const list = reader.list(() => {
    const extension = { type: reader.u16(), data: reader.vector() };
    EXTENSION_DATA[extension.type]?.(new TlsReader(extension.data));
    return extension;
  });
  if (new Set(list.map(({ type }) => type)).size < list.length)
    throw decodingError("Found duplicate extensions");
  return list;
}
