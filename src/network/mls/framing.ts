import { CIPHERSUITES } from "./ciphersuites.js";
import { readExtensions, readKeyPackage } from "./key-package-format.js";
import { MlsFormatError, TlsReader, decodingError, unknownValue } from "./tls-reader.js";

/** What a node may know of a group message without being a member. */
export interface GroupMessageFraming {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: "application" | "proposal" | "commit";
  /** True for commits and for proposals: the node has reported both so since libxmtp's 2026 spring releases. */
  readonly isCommit: boolean;
}

const MLS_10 = 1;
const CONTENT_TYPES = { 1: "application", 2: "proposal", 3: "commit" } as const;
/** RFC 9420 section 6 */
const WIRE_FORMATS = {
  publicMessage: 1,
  privateMessage: 2,
  welcome: 3,
  groupInfo: 4,
  keyPackage: 5,
} as const;
/** Sender types of a PublicMessage (RFC 9420 section 6); the first two carry an index. */
const SENDERS = { member: 1, external: 2, newMemberProposal: 3, newMemberCommit: 4 } as const;

/**
 * Reads the framing of an MLSMessage (RFC 9420 section 6) that is a PrivateMessage or a PublicMessage.
 *
 * No signature, epoch or membership is checked: the content is encrypted to the group. A message is decoded as OpenMLS
 * decodes it, in its order, so that a broken one is refused with the same text: the body before the protocol version,
 * and bytes after the message let through. Of a PublicMessage, which XMTP clients do not send, proposals and commits
 * are not decoded.
 *
 * @throws MlsFormatError with the text of tls_codec's error, or OpenMLS's for a message of another kind.
 */
export function parseGroupMessage(bytes: Uint8Array): GroupMessageFraming {
  const reader = new TlsReader(bytes);
  const version = reader.u16();
  const framing = body(reader);
  if (version !== MLS_10) throw decodingError("MlsMessage protocol version is not 1.0");
  // ProtocolMessageError::WrongWireFormat: decoded, but a message to a group it is not.
  if (framing === undefined) throw new MlsFormatError("Wrong wire format");
  return framing;
}

/** Undefined for what is an MLSMessage, but not a group's. */
function body(reader: TlsReader): GroupMessageFraming | undefined {
  const wireFormat = reader.u16();
  switch (wireFormat) {
    case WIRE_FORMATS.publicMessage:
      return publicMessage(reader);
    case WIRE_FORMATS.privateMessage:
      return privateMessage(reader);
    case WIRE_FORMATS.welcome:
      welcome(reader);
      return undefined;
    case WIRE_FORMATS.groupInfo:
      groupInfo(reader);
      return undefined;
    case WIRE_FORMATS.keyPackage:
      readKeyPackage(reader);
      return undefined;
    default:
      throw unknownValue(wireFormat);
  }
}

function privateMessage(reader: TlsReader): GroupMessageFraming {
  const groupId = reader.vector();
  const epoch = reader.u64();
  const content = contentType(reader);
  reader.vector(); // authenticated data
  reader.vector(); // encrypted sender data
  reader.vector(); // ciphertext
  return { groupId, epoch, ...content };
}

function publicMessage(reader: TlsReader): GroupMessageFraming {
  const groupId = reader.vector();
  const epoch = reader.u64();
  const sender = reader.u8();
  if (sender === SENDERS.member || sender === SENDERS.external) reader.u32();
  else if (sender !== SENDERS.newMemberProposal && sender !== SENDERS.newMemberCommit)
    throw unknownValue(sender);
  reader.vector(); // authenticated data
  const content = contentType(reader);
  if (content.contentType === "application") {
    reader.vector(); // application data
    reader.vector(); // signature
    if (sender === SENDERS.member) reader.vector(); // membership tag
  }
  return { groupId, epoch, ...content };
}

function contentType(reader: TlsReader): Pick<GroupMessageFraming, "contentType" | "isCommit"> {
  const code = reader.u8();
  if (code !== 1 && code !== 2 && code !== 3) throw unknownValue(code);
  const name = CONTENT_TYPES[code];
  return { contentType: name, isCommit: name !== "application" };
}

function ciphersuite(reader: TlsReader): void {
  const suite = reader.u16();
  if (!CIPHERSUITES.has(suite)) throw unknownValue(suite);
}

/** RFC 9420 section 12.4.3.1 */
function welcome(reader: TlsReader): void {
  ciphersuite(reader);
  reader.list(() => {
    reader.vector(); // new member
    reader.vector(); // HPKE's encapsulated key
    reader.vector(); // HPKE's ciphertext
  });
  reader.vector(); // encrypted group info
}

/** RFC 9420 section 12.4.3 */
function groupInfo(reader: TlsReader): void {
  reader.u16(); // protocol version
  ciphersuite(reader);
  reader.vector(); // group id
  reader.u64(); // epoch
  reader.vector(); // tree hash
  reader.vector(); // confirmed transcript hash
  readExtensions(reader);
  readExtensions(reader);
  reader.vector(); // confirmation tag
  reader.u32(); // signer
  reader.vector(); // signature
}
