import { create, toBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { encodeFrame } from "../../grpc/frame.js";
import { mls } from "../../proto/index.js";
import type { TopicKind } from "./topic.js";

type Response = NonNullable<MessageInitShape<typeof mls.SubscribeResponse_V1Schema>["response"]>;

/** One response, framed. */
export function responseFrame(response: Response): Buffer {
  const message = create(mls.SubscribeResponseSchema, { version: { case: "v1", value: { response } } });
  return encodeFrame(toBinary(mls.SubscribeResponseSchema, message));
}

const { groupMessages, welcomeMessages, mutateId: tagField } = mls.SubscribeResponse_V1_MessagesSchema.field;
const NUMBERS: Readonly<Record<TopicKind, number>> = {
  group: groupMessages.number,
  welcome: welcomeMessages.number,
};

/**
 * Messages of one kind, framed, around their bytes as they are: a message is encoded once for all streams.
 *
 * @param mutateId the wave they belong to, 0 = live
 */
export function messagesFrame(kind: TopicKind, messages: readonly Uint8Array[], mutateId: bigint): Buffer {
  const writer = new BinaryWriter();
  writer.tag(mls.SubscribeResponseSchema.field.v1.number, WireType.LengthDelimited).fork();
  writer.tag(mls.SubscribeResponse_V1Schema.field.messages.number, WireType.LengthDelimited).fork();
  for (const message of messages) writer.tag(NUMBERS[kind], WireType.LengthDelimited).bytes(message);
  if (mutateId !== 0n) writer.tag(tagField.number, WireType.Varint).uint64(mutateId);
  return encodeFrame(writer.join().join().finish());
}
