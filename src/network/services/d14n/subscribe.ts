import { create, toBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { encodeFrame } from "../../grpc/frame.js";
import type { OutStream } from "../../grpc/service.js";
import type { Handlers } from "../../grpc/typed-service.js";
import { messageApi } from "../../proto/index.js";
import type { envelopes } from "../../proto/index.js";
import type { NodeStore } from "../../store/node-store.js";
import { KNOWN_ORIGINATORS } from "./originators.js";
import { checkQuery, lengthError, seenOf } from "./query.js";
import type { Entry, TopicReader } from "./reader.js";
import { tellEntries } from "./tell.js";
import { streamEnvelopes } from "./stream.js";
import type { EnvelopeStreamOptions } from "./stream.js";
import { invalid, isTopic, readTopic } from "./topic.js";

const { SubscribeTopicsResponse_SubscriptionStatus: Status } = messageApi;
const MAX_FILTERS = 10_000;

/** The streams of d14n clients: SubscribeTopics, and SubscribeEnvelopes of older ones. */
export function subscribeHandlers(
  store: NodeStore,
  reader: TopicReader,
  keepaliveMs: number,
): Pick<Handlers<typeof messageApi.ReplicationApi>, "subscribeTopics" | "subscribeEnvelopes"> {
  const open = (
    stream: OutStream,
    options: Pick<EnvelopeStreamOptions, "topics" | "frame" | "caughtUp" | "idle">,
  ): void => {
    const { peer } = stream;
    const kinds = new Set(options.topics.map(({ topic }) => readTopic(topic).kind));
    for (const { topic } of options.topics) {
      const { kind, key } = readTopic(topic);
      if (kind === "welcome") store.traffic?.spokeFor(peer, key);
    }
    const onDelivery = (entries: readonly Entry[]): void => {
      store.deliveries += entries.length;
      tellEntries(store, peer, entries, "stream");
    };
    const mute = streamEnvelopes(stream, { ...options, reader, keepaliveMs, onDelivery, tap: store.tap });
    const carries = (kind: "group" | "welcome"): boolean => kinds.has(kind);
    const info = { kind: "topics", filters: options.topics.length, peer, carries } as const;
    stream.onClose(store.subscriptions.add(info, (status) => stream.end(status), mute));
  };

  return {
    subscribeTopics({ filters }, stream) {
      stream.write(STARTED);
      checkFilters(filters);
      // Of a topic that is asked for twice, the first filter counts.
      const byTopic = new Map<string, { topic: Uint8Array; after: ReturnType<typeof seenOf> }>();
      for (const { topic, lastSeen } of filters) {
        const name = Buffer.from(topic).toString("hex");
        if (!byTopic.has(name)) byTopic.set(name, { topic, after: seenOf(lastSeen) });
      }
      open(stream, {
        topics: [...byTopic.values()],
        frame: (envelopes) => topicsFrame({ case: "envelopes", value: { envelopes } }),
        caughtUp: CATCHUP_COMPLETE,
        idle: WAITING,
      });
    },

    subscribeEnvelopes({ query }, stream) {
      stream.write(NOTHING);
      const { topics, lastSeen } = checkQuery(query, "invalid subscription request");
      // Without a cursor, only what comes in from now on is asked for.
      const after = lastSeen && seenOf(lastSeen);
      const names = new Map(topics.map((topic) => [Buffer.from(topic).toString("hex"), topic]));
      open(stream, {
        topics: Array.from(names.values(), (topic) => ({ topic, after })),
        frame: envelopesFrame,
        caughtUp: undefined,
        idle: NOTHING,
      });
    },
  };
}

/** @throws StatusError INVALID_ARGUMENT, in xmtpd's words */
function checkFilters(filters: readonly messageApi.SubscribeTopicsRequest_TopicFilter[]): void {
  if (filters.length === 0) throw invalid("filters must not be empty");
  if (filters.length > MAX_FILTERS) {
    throw invalid(`too many filters: ${filters.length}, maximum is ${MAX_FILTERS}`);
  }
  for (const { topic, lastSeen } of filters) {
    if (!isTopic(topic)) throw invalid(`invalid topic length: ${topic.length}`);
    const clock = lengthError(lastSeen);
    if (clock !== undefined) throw invalid(clock);
    for (const originator of seenOf(lastSeen).keys()) {
      if (!KNOWN_ORIGINATORS.has(originator)) {
        throw invalid(`unknown originator node ID in cursor: ${originator}`);
      }
    }
  }
}

type TopicsResponse = MessageInitShape<typeof messageApi.SubscribeTopicsResponseSchema>["response"];

function topicsFrame(response: TopicsResponse): Buffer {
  const schema = messageApi.SubscribeTopicsResponseSchema;
  return encodeFrame(toBinary(schema, create(schema, response ? { response } : {})));
}

function statusFrame(status: messageApi.SubscribeTopicsResponse_SubscriptionStatus): Buffer {
  return topicsFrame({ case: "statusUpdate", value: { status } });
}

function envelopesFrame(list: envelopes.OriginatorEnvelope[]): Buffer {
  const schema = messageApi.SubscribeEnvelopesResponseSchema;
  return encodeFrame(toBinary(schema, create(schema, { envelopes: list })));
}

const STARTED = statusFrame(Status.STARTED);
const CATCHUP_COMPLETE = statusFrame(Status.CATCHUP_COMPLETE);
const WAITING = statusFrame(Status.WAITING);
/** What opens the stream, and keeps it open. */
const NOTHING = envelopesFrame([]);
