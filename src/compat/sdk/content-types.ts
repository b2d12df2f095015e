/** The id of a content type, as the SDK and the packages `@xmtp/content-type-…` write it. */
export interface ContentTypeId {
  readonly authorityId: string;
  readonly typeId: string;
  readonly versionMajor: number;
  readonly versionMinor: number;
}

const own = (typeId: string, versionMinor = 0): ContentTypeId => ({
  authorityId: "xmtp.org",
  typeId,
  versionMajor: 1,
  versionMinor,
});

/** For `send(content, type)` of 4.x: later versions have a verb for each type, which `send` calls here. */
export const ContentTypeText = own("text");
export const ContentTypeReaction = own("reaction");
export const ContentTypeReply = own("reply");
export const ContentTypeReadReceipt = own("readReceipt");
export const ContentTypeRemoteAttachment = own("remoteStaticAttachment");
export const ContentTypeAttachment = own("attachment");
export const ContentTypeTransactionReference = own("transactionReference");
export const ContentTypeGroupUpdated = own("group_updated");
