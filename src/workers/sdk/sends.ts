import type { Payload } from "../../ledger/events.js";
import { payloadOf } from "./messages.js";

/** Content type ids of the SDK's `send…` methods, as the receiver's message names them. */
const typeOfMethod: Record<string, string> = {
  sendText: "text",
  sendMarkdown: "markdown",
  sendReaction: "reaction",
  sendReadReceipt: "readReceipt",
  sendReply: "reply",
  sendTransactionReference: "transactionReference",
  sendWalletSendCalls: "walletSendCalls",
  sendActions: "actions",
  sendIntent: "intent",
  sendAttachment: "attachment",
  sendRemoteAttachment: "remoteStaticAttachment",
  sendMultiRemoteAttachment: "multiRemoteStaticAttachment",
};

interface TypeId {
  readonly authorityId: string;
  readonly typeId: string;
}
interface Encoded {
  readonly type: TypeId;
  readonly content: Uint8Array;
}
interface Codec {
  readonly contentType: TypeId;
  decode(content: unknown): unknown;
}

const isEncoded = (value: unknown): value is Encoded =>
  typeof value === "object" && value !== null && "type" in value && "content" in value;

/** Text types are read as they are; a custom type by its codec, as the receiver's SDK will. */
function decode(encoded: Encoded, codecs: readonly unknown[]): unknown {
  const { typeId, authorityId } = encoded.type;
  if (typeId === "text" || typeId === "markdown") return Buffer.from(encoded.content).toString("utf8");
  const codec = (codecs as readonly Codec[]).find(
    ({ contentType }) => contentType.typeId === typeId && contentType.authorityId === authorityId,
  );
  return codec === undefined ? encoded.content : codec.decode(encoded);
}

/** What a call of one of the SDK's `send…` methods says, before it is made. */
export function describeSend(
  method: string,
  args: readonly unknown[],
  codecs: readonly unknown[],
): { contentType: string; payload: Payload } {
  const [content, second] = args;
  const named = typeOfMethod[method];
  if (named !== undefined) {
    return { contentType: named, payload: payloadOf(named, named === "readReceipt" ? {} : content) };
  }
  if (isEncoded(content)) {
    const { typeId } = content.type;
    return { contentType: typeId, payload: payloadOf(typeId, decode(content, codecs)) };
  }
  // 4.x: send(content, contentType?)
  const typeId = (second as TypeId | undefined)?.typeId ?? "text";
  return { contentType: typeId, payload: payloadOf(typeId, content) };
}

/** True for a send that only stores the message until `publishMessages`: a flag, option or own method. */
export function isOptimistic(method: string, args: readonly unknown[]): boolean {
  if (method === "sendOptimistic") return true;
  const flag = method === "sendReadReceipt" ? args[0] : args[1];
  return flag === true || (flag as { optimistic?: boolean } | undefined)?.optimistic === true;
}
