import { MlsFormatError, TlsReader } from "./tls-reader.js";

/** What a node may know of a group message without being a member. */
export interface GroupMessageFraming {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: "application" | "proposal" | "commit";
  /** True for commits and for proposals: the node has reported both so since libxmtp's 2026 spring releases. */
  readonly isCommit: boolean;
}

const MLS_10 = 1;
const PUBLIC_MESSAGE = 1;
const PRIVATE_MESSAGE = 2;
const CONTENT_TYPES = { 1: "application", 2: "proposal", 3: "commit" } as const;
/** Sender types of a PublicMessage (RFC 9420 section 6); the first two carry an index. */
const SENDERS = { member: 1, external: 2, newMemberProposal: 3, newMemberCommit: 4 } as const;

/**
 * Reads the framing of an MLSMessage (RFC 9420 section 6) that is a PrivateMessage or a PublicMessage.
 *
 * No signature, epoch or membership is checked: the content is encrypted to the group. A PrivateMessage is read to its
 * end, and bytes after it are let through, as the real validation service does. Of a PublicMessage, which XMTP clients
 * do not send, the part after the content type is not read.
 *
 * @throws MlsFormatError naming the field and the byte.
 */
export function parseGroupMessage(bytes: Uint8Array): GroupMessageFraming {
  const reader = new TlsReader(bytes);
  const version = reader.u16("protocol version");
  if (version !== MLS_10)
    throw new MlsFormatError(`unknown protocol version (${version}), only 1 (MLS 1.0) is known`);
  const wireFormat = reader.u16("wire format");
  if (wireFormat === PRIVATE_MESSAGE) return privateMessage(reader);
  if (wireFormat === PUBLIC_MESSAGE) return publicMessage(reader);
  throw new MlsFormatError(
    `wire format ${wireFormat} is no group message, only 1 (PublicMessage) and 2 (PrivateMessage) are`,
  );
}

function privateMessage(reader: TlsReader): GroupMessageFraming {
  const groupId = reader.vector("group id");
  const epoch = reader.u64("epoch");
  const content = contentType(reader);
  reader.vector("authenticated data");
  reader.vector("encrypted sender data");
  reader.vector("ciphertext");
  return { groupId, epoch, ...content };
}

function publicMessage(reader: TlsReader): GroupMessageFraming {
  const groupId = reader.vector("group id");
  const epoch = reader.u64("epoch");
  const sender = reader.u8("sender type");
  if (sender === SENDERS.member || sender === SENDERS.external) reader.u32("sender index");
  else if (sender !== SENDERS.newMemberProposal && sender !== SENDERS.newMemberCommit)
    throw new MlsFormatError(`unknown sender type (${sender}), 1 to 4 are known`);
  reader.vector("authenticated data");
  return { groupId, epoch, ...contentType(reader) };
}

function contentType(reader: TlsReader): Pick<GroupMessageFraming, "contentType" | "isCommit"> {
  const code = reader.u8("content type");
  if (code !== 1 && code !== 2 && code !== 3)
    throw new MlsFormatError(`unknown content type (${code}), 1 (application) to 3 (commit) are known`);
  const name = CONTENT_TYPES[code];
  return { contentType: name, isCommit: name !== "application" };
}
