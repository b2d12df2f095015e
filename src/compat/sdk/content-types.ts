/** The id of a content type, as the SDK and the packages `@xmtp/content-type-…` write it. */
export interface ContentTypeId {
  /** Who defines it: "xmtp.org". */
  readonly authorityId: string;
  /** For example "text". */
  readonly typeId: string;
  /** Changes when older readers cannot read it. */
  readonly versionMajor: number;
  /** Changes when older readers can still read it. */
  readonly versionMinor: number;
}

const own = (typeId: string, versionMinor = 0): ContentTypeId => ({
  authorityId: "xmtp.org",
  typeId,
  versionMajor: 1,
  versionMinor,
});

/** A text. For `send(text, type)` of 4.x; `send` calls `sendText` where the SDK has it. */
export const ContentTypeText = own("text");
/** A reaction, its action and schema as words too; `send` calls `sendReaction` where the SDK has it. */
export const ContentTypeReaction = own("reaction");
/** A reply, with a text or what is encoded already; `send` calls `sendReply` where the SDK has it. */
export const ContentTypeReply = own("reply");
/** A read receipt; `send` calls `sendReadReceipt` where the SDK has it. */
export const ContentTypeReadReceipt = own("readReceipt");
/** A remote attachment; `send` calls `sendRemoteAttachment` where the SDK has it. */
export const ContentTypeRemoteAttachment = own("remoteStaticAttachment");
/** An attachment, its bytes as `data` (4.x) or `content`; `send` calls `sendAttachment` where the SDK has it. */
export const ContentTypeAttachment = own("attachment");
/** A transaction; `send` calls `sendTransactionReference` where the SDK has it. */
export const ContentTypeTransactionReference = own("transactionReference");
/** A change of a group, as the SDK itself sends it: to be compared with, not to be sent. */
export const ContentTypeGroupUpdated = own("group_updated");
