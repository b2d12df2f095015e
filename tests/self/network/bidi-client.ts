import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { mls } from "#src/network/proto/index.js";
import { RawStream, frame, pathOf } from "./grpc-client.js";
import type { RawClient } from "./grpc-client.js";
import { groupId } from "./mls-bytes.js";

type Mutate = MessageInitShape<typeof mls.SubscribeRequest_V1_MutateSchema>;
type Request = NonNullable<MessageInitShape<typeof mls.SubscribeRequest_V1Schema>["request"]>;

export const group = (name: string): Uint8Array => Buffer.concat([Buffer.from([0]), groupId(name)]);
export const inbox = (key: Uint8Array): Uint8Array => Buffer.concat([Buffer.from([1]), key]);

/** An add of a Mutate: a topic, and the cursor after which its history starts. */
export const from = (topic: Uint8Array, idCursor = 0) => ({ topic, idCursor: BigInt(idCursor) });

export function requestFrame(request: Request): Buffer {
  const message = create(mls.SubscribeRequestSchema, { version: { case: "v1", value: { request } } });
  return frame(toBinary(mls.SubscribeRequestSchema, message));
}

export const mutateFrame = (mutate: Mutate): Buffer => requestFrame({ case: "mutate", value: mutate });

/** A raw client's bidirectional subscription, and what it brought in words. */
export class Bidi extends RawStream<mls.SubscribeResponse> {
  readonly #story: string[] = [];

  constructor(raw: RawClient, headers: Record<string, string> = {}) {
    super(raw.open(pathOf(mls.MlsApi.method.subscribe), headers), (bytes) =>
      fromBinary(mls.SubscribeResponseSchema, bytes),
    );
  }

  send(...frames: Buffer[]): void {
    this.stream.write(Buffer.concat(frames));
  }

  mutate(mutate: Mutate): void {
    this.send(mutateFrame(mutate));
  }

  /** Ends the requests; the node goes on. */
  halfClose(): void {
    this.stream.end();
  }

  /** Frames so far: "started", "2: g3 g4" (ids after the wave's tag), "live: one", "complete 2", "ping 1", "pong 5". */
  get story(): string[] {
    for (const response of this.received.slice(this.#story.length)) this.#story.push(inWords(response));
    return this.#story;
  }

  /** Resolves once a frame reads so; the test's own timeout is the deadline. */
  async until(words: string): Promise<string[]> {
    for (let seen = 0; !this.story.includes(words, seen);) {
      seen = this.story.length;
      await this.atLeast(seen + 1);
    }
    return this.story;
  }
}

function inWords({ version }: mls.SubscribeResponse): string {
  const response = version.value?.response;
  switch (response?.case) {
    case "messages": {
      const { groupMessages, welcomeMessages, mutateId } = response.value;
      const groups = groupMessages.map((message) => `g${message.version.value?.id}`);
      const welcomes = welcomeMessages.map((message) => `w${message.version.value?.id}`);
      return `${mutateId}: ${[...groups, ...welcomes].join(" ")}`;
    }
    case "topicsLive":
      return `live: ${response.value.topics.map(nameOf).join(" ")}`;
    case "catchupComplete":
      return `complete ${response.value.mutateId}`;
    case "ping":
    case "pong":
      return `${response.case} ${response.value.nonce}`;
    default:
      return response?.case ?? "nothing";
  }
}

function nameOf(topic: Uint8Array): string {
  const id = Buffer.from(topic.subarray(1));
  return topic[0] === 0 ? id.toString().replace(/\.+$/u, "") : `w${id[0]}`;
}
