import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { askNode } from "./probe.js";
import { associations, identity } from "./proto/index.js";

/** Both kinds of node take the same message. */
const PATHS = {
  node: "/xmtp.identity.api.v1.IdentityApi/GetInboxIds",
  gateway: "/xmtp.xmtpv4.message_api.ReplicationApi/GetInboxIds",
};

/**
 * Asks a node for the inbox of a wallet.
 *
 * @param address lower-case, with `0x`
 * @returns undefined where it has none
 * @throws XmtpTestError `NODE_UNREACHABLE`
 */
export async function inboxOfAddress(
  { url, gateway = false }: { readonly url: string; readonly gateway?: boolean },
  address: string,
  timeoutMs: number,
): Promise<string | undefined> {
  const identifierKind = associations.IdentifierKind.ETHEREUM;
  const request = create(identity.GetInboxIdsRequestSchema, {
    requests: [{ identifier: address, identifierKind }],
  });
  const bytes = toBinary(identity.GetInboxIdsRequestSchema, request);
  const answer = await askNode(url, gateway ? PATHS.gateway : PATHS.node, timeoutMs, bytes);
  return fromBinary(identity.GetInboxIdsResponseSchema, answer).responses[0]?.inboxId;
}
