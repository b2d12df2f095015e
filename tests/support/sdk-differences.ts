import * as sdk from "@xmtp/node-sdk";
import type { Identifier, MetadataField, XmtpEnv } from "@xmtp/node-sdk";
import type { Worker } from "playwright-xmtp";

/**
 * What the versions of node-sdk truly do otherwise, each with its reason: the suites pass with every version as the
 * project's own, and ask here instead of skipping. The exports decide, not a version number, where they tell.
 */

/**
 * Where the SDK's static helpers find a worker's node. Up to 5.5 by the name of an environment; from 6.0 on by the
 * connection that the client has ("Use `createBackend()` instead", says 6.0 of its table of URLs). It is typed as the
 * name, since the repository develops on 5.5, and every static takes either.
 */
export function placeOf(worker: Worker): XmtpEnv {
  // Typed by hand: the versions name the two fields each in another place.
  const { options } = worker.client as unknown as { options?: { env?: XmtpEnv; backend?: object } };
  const place = options?.env ?? options?.backend;
  if (place === undefined)
    throw new Error(`${worker.name}'s client has neither an environment nor a backend`);
  return place as XmtpEnv;
}

/** The same look-up: from 6.0 on its first argument is the connection, before it was the identifier. */
export async function inboxIdFor(identifier: Identifier, place: XmtpEnv): Promise<string | null> {
  const ask = sdk.getInboxIdForIdentifier as (...args: unknown[]) => Promise<string | null>;
  return await ("createBackend" in sdk ? ask(place, identifier) : ask(identifier, place));
}

/**
 * How a send is told to wait for `publishMessages`: a flag up to 6.0, an option among others from 6.1 on, where a flag
 * is read as an object without that option, and the message goes out at once.
 */
export function optimistic(worker: Worker): boolean {
  // New in 6.1 as well, and what tells it from outside.
  return "close" in worker.client ? ({ optimistic: true } as unknown as boolean) : true;
}

const upTo4 = !("encodeText" in sdk);

/** Something that a version has, or has not: its methods on a class of the SDK. */
export interface Feature {
  readonly class: "Client" | "Conversation" | "Group";
  readonly methods: readonly string[];
  /** Why a version is without it. */
  readonly reason: string;
}

/** What is not in every version. The tests ask for it by `whereSdkHas`, which proves it where it is missing. */
export const features = {
  "senders of content types": {
    class: "Conversation",
    methods: [
      "sendMarkdown",
      "sendReaction",
      "sendReply",
      "sendReadReceipt",
      "sendAttachment",
      "sendActions",
    ],
    reason: "4.x sends texts, and other types by codecs that its user brings",
  },
  "app data": { class: "Group", methods: ["updateAppData"], reason: "new in 4.5" },
  "leaving of groups": {
    class: "Group",
    methods: ["requestRemoval", "isPendingRemoval"],
    reason: "new in 4.5: before, a member waits to be removed",
  },
} satisfies Record<string, Feature>;

/** 64-bit integers are numbers in 4.x, which turns a bigint down, and bigints later. It is typed as the latter. */
export const int64 = (value: bigint): bigint => (upTo4 ? (Number(value) as unknown as bigint) : value);

/**
 * The messages after one and before another. Numbers cannot tell times of today closer than 256 ns apart, so that in
 * 4.x the two themselves would be among them: there, a microsecond is left out at both ends.
 */
export function strictlyBetween(
  after: bigint,
  before: bigint,
): { sentAfterNs: bigint; sentBeforeNs: bigint } {
  const margin = upTo4 ? 1_000n : 0n;
  return { sentAfterNs: int64(exact(after) + margin), sentBeforeNs: int64(exact(before) - margin) };
}

const exact = (value: bigint | number): bigint => BigInt(value);

interface ContentTypeId {
  authorityId: string;
  typeId: string;
  versionMajor: number;
  versionMinor: number;
}

/** A content type's id: 4.x looks codecs up by its text, which its own class of ids gives. */
export const contentTypeId = (id: ContentTypeId): ContentTypeId =>
  Object.defineProperty(id, "toString", {
    value: () => `${id.authorityId}/${id.typeId}:${id.versionMajor}.${id.versionMinor}`,
  });

/** A delivery status is a word in 4.x. */
export const delivery: Readonly<Record<"unpublished" | "published", unknown>> = upTo4
  ? { unpublished: "unpublished", published: "published" }
  : { unpublished: 0, published: 1 };

/** So is the type that a conversation's metadata name. */
export const groupType: unknown = upTo4 ? "group" : 1;

/** Fields of a group's metadata by number, which 5.0 has numbered anew. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a const enum, which isolated modules cannot read
export const nameField: MetadataField = upTo4 ? 0 : 2;

/** Whether a message tells when it disappears: from 5.0 on. In 4.x it disappears as well, without saying when. */
export const tellsExpiry = !upTo4;

/** Whether groups have app data. */
export const hasAppData = "updateAppData" in sdk.Group.prototype;

/** Whether the update that a leaving makes names who left: the codec of 4.x has no such field. */
export const namesWhoLeft = !upTo4;

/** Whether there is a policy for app data: 4.5 and 4.6 have the data, and no policy. */
export const hasAppDataPolicy = !upTo4;

/** A client says its app version from 4.5 on; before, it only sends it. */
export const appVersionOf = (given: string): string | undefined =>
  "appVersion" in sdk.Client.prototype ? given : undefined;

/** Whether encoded content can be sent by whoever has no codec for it: from 5.0 on. */
export const sendsWithoutCodec = !upTo4;

/** Content with a codec: 4.x encodes it itself, later versions want it encoded. */
export async function sendWith(
  conversation: { send(content: never, ...rest: never[]): Promise<string> },
  codec: { readonly contentType: object; encode(content: unknown): object },
  content: unknown,
): Promise<string> {
  const send = conversation.send.bind(conversation) as (...args: unknown[]) => Promise<string>;
  return await (upTo4 ? send(content, codec.contentType) : send(codec.encode(content)));
}

/** Whether a client can be told to use a gateway: new in 4.5, as is the count of messages, which tells. */
export const hasGateway = "countMessages" in sdk.Conversation.prototype;

/**
 * Whether a client that is closed closes its database: 4.4 leaves the files open until its process ends, with the
 * write-ahead log beside the database.
 */
export const closesDatabase = hasGateway;

/**
 * Whether a stream looks at the order of what the node delivers: from 4.5 on it hands a copy on once, and a late message
 * after the later one. 4.4 hands each copy on, and drops what comes late until a sync.
 */
export const streamKeepsCount = hasGateway;

/**
 * Whether what is sent while a stream comes back may be lost for good: 4.4 passes over it (4 of 40 resets on a busy
 * machine), and no sync brings it afterwards. The oracles say so.
 */
export const losesOnReset = !hasGateway;

/** The gateway's streams: `SubscribeEnvelopes` up to 6.0, `SubscribeTopics` from 6.1 on. */
export const gatewayStreams = ["SubscribeEnvelopes", "SubscribeTopics"] as const;

/**
 * Makes a new installation ask its siblings for what they hold, where the version does not do so by itself.
 *
 * Up to 5.5 a new installation asks when it is made, and 4.x has no call to ask again. From 6.0 on it waits for `sendSyncRequest`: with the bare SDK, a
 * change of consent did not reach a second installation in 12 rounds of `syncAll`, `preferences.sync` and
 * `syncAllDeviceSyncGroups` on both, and reached it in the first rounds once that installation had asked.
 */
export async function askSiblings(worker: Worker): Promise<void> {
  if ("createBackend" in sdk) await worker.client.sendSyncRequest();
}

/** Whether an installation can ask its inbox's other ones for their history. In 4.x it asks once, when it is made. */
export const asksForHistory = !upTo4;

/** Asks an inbox's other installations for its history, where there is a call for it. */
export async function askForHistory(worker: Worker): Promise<void> {
  if (asksForHistory) await worker.client.sendSyncRequest();
}

/** Whether the stream of preferences brings one's own changes of consent: from 5.0 on. */
export const ownConsentIsPreference = !upTo4;
