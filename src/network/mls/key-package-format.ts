import { MlsFormatError, TlsReader } from "./tls-reader.js";

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
 * @throws MlsFormatError naming the field and the byte.
 */
export function parseKeyPackage(bytes: Uint8Array): KeyPackage {
  const reader = new TlsReader(bytes);
  const version = reader.u16("protocol version");
  const ciphersuite = reader.u16("ciphersuite");
  const initKey = reader.vector("init key");
  const leaf = leafNode(reader);
  const extensions = extensionList(reader, "key package extensions");
  const tbs = reader.slice(0, reader.position);
  const signature = reader.vector("key package signature");
  reader.end("key package");
  return { version, ciphersuite, initKey, leaf, extensions, tbs, signature };
}

function leafNode(reader: TlsReader): LeafNode {
  const start = reader.position;
  const encryptionKey = reader.vector("encryption key");
  const signatureKey = reader.vector("signature key");
  const credential = { type: reader.u16("credential type"), identity: reader.vector("credential identity") };
  const codes = (field: string) => reader.list(field, (item) => item.u16(field));
  codes("supported versions");
  codes("supported ciphersuites");
  const supportedExtensions = new Set(codes("supported extensions"));
  codes("supported proposals");
  codes("supported credentials");
  const source = reader.u8("leaf node source");
  const lifetime = leafSource(reader, source);
  extensionList(reader, "leaf node extensions");
  const tbs = reader.slice(start, reader.position);
  const signature = reader.vector("leaf node signature");
  return { encryptionKey, signatureKey, credential, supportedExtensions, source, lifetime, tbs, signature };
}

function leafSource(reader: TlsReader, source: number): LeafNode["lifetime"] {
  switch (source) {
    case LEAF_SOURCE_KEY_PACKAGE:
      return { notBefore: reader.u64("lifetime not before"), notAfter: reader.u64("lifetime not after") };
    case LEAF_SOURCE_UPDATE:
      return undefined;
    case LEAF_SOURCE_COMMIT:
      reader.vector("parent hash");
      return undefined;
    default:
      throw new MlsFormatError(
        `unknown leaf node source (${source}), 1 (key package) to 3 (commit) are known`,
      );
  }
}

function extensionList(reader: TlsReader, field: string): Extension[] {
  const list = reader.list(field, (item) => ({
    type: item.u16("extension type"),
    data: item.vector("extension data"),
  }));
  const seen = new Set<number>();
  for (const { type } of list) {
    if (seen.has(type))
      throw new MlsFormatError(`${field} hold the type 0x${type.toString(16).padStart(4, "0")} twice`);
    seen.add(type);
  }
  return list;
}
