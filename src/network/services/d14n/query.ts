import type { Handlers } from "../../grpc/typed-service.js";
import type { envelopes, messageApi } from "../../proto/index.js";
import type { NodeStore } from "../../store/node-store.js";
import { merged } from "./merge.js";
import type { Seen, TopicReader } from "./reader.js";
import { tellEntries } from "./tell.js";
import { invalid, isTopic } from "./topic.js";

type QueryRpcs = "queryEnvelopes" | "getNewestEnvelope" | "getInboxIds";

/** xmtpd's numbers (`pkg/api/message/service.go`). */
const MAX_ROWS = 1000;
const MAX_QUERIES = 10_000;
const MAX_ORIGINATORS = 100;
const MAX_INBOXES = 1000;

/** What clients ask of the past: envelopes by topic, and inboxes by address. */
export function queryHandlers(
  store: NodeStore,
  reader: TopicReader,
): Pick<Handlers<typeof messageApi.QueryApi>, QueryRpcs> {
  return {
    queryEnvelopes({ query, limit }, call) {
      const { topics, lastSeen } = checkQuery(query, "invalid query");
      const seen = seenOf(lastSeen);
      const rows = limit >= 1 && limit <= MAX_ROWS ? limit : MAX_ROWS;
      const found = topics.flatMap((topic) => [...reader.history(topic, seen)]);
      const page = merged(found, (entry) => entry).slice(0, rows);
      tellEntries(store, call.peer, page, "query");
      return { envelopes: page.map(({ envelope }) => envelope) };
    },

    getNewestEnvelope({ topics }) {
      const places = new Map(topics.map((topic, at) => [Buffer.from(topic).toString("hex"), at]));
      return {
        results: topics.map((topic, at) => {
          // A topic asked twice is answered at its last place only: the real node maps topics to places.
          if (places.get(Buffer.from(topic).toString("hex")) !== at) return {};
          const entry = reader.newest(topic);
          return entry ? { originatorEnvelope: entry.envelope } : {};
        }),
      };
    },

    getInboxIds({ requests }) {
      if (requests.length > MAX_INBOXES) {
        throw invalid(`too many requests: ${requests.length}, maximum is ${MAX_INBOXES}`);
      }
      return {
        responses: requests.map(({ identifier }) => ({
          identifier,
          inboxId: store.addressLog.inboxOf(identifier),
        })),
      };
    },
  };
}

export interface CheckedQuery {
  readonly topics: readonly Uint8Array[];
  readonly lastSeen: envelopes.Cursor | undefined;
}

/** @throws StatusError INVALID_ARGUMENT, in xmtpd's words */
export function checkQuery(query: messageApi.EnvelopesQuery | undefined, what: string): CheckedQuery {
  if (!query) throw invalid(`${what}: missing query`);
  const { topics, originatorNodeIds, lastSeen } = query;
  if (topics.length > 0 && originatorNodeIds.length > 0) {
    throw invalid(`${what}: cannot filter by both topic and originator in same subscription request`);
  }
  if (originatorNodeIds.length > 0) {
    throw invalid(`${what}: originators are asked by nodes, and this network has one node`);
  }
  if (topics.length > MAX_QUERIES) {
    throw invalid(
      `${what}: too many subscriptions: ${topics.length}, consider subscribing to fewer topics or subscribing without a filter`,
    );
  }
  const wrong = topics.find((topic) => !isTopic(topic));
  if (wrong) throw invalid(`${what}: invalid topic: ${Buffer.from(wrong).toString("hex")}`);
  const clock = lengthError(lastSeen);
  if (clock !== undefined) throw invalid(`${what}: ${clock}`);
  return { topics, lastSeen };
}

/** What is wrong with a cursor's size, if anything. */
export function lengthError(cursor: envelopes.Cursor | undefined): string | undefined {
  return Object.keys(cursor?.nodeIdToSequenceId ?? {}).length > MAX_ORIGINATORS
    ? `vector clock length exceeds maximum of ${MAX_ORIGINATORS}`
    : undefined;
}

export function seenOf(cursor: envelopes.Cursor | undefined): Seen {
  return new Map(
    Object.entries(cursor?.nodeIdToSequenceId ?? {}).map(([node, sequence]) => [Number(node), sequence]),
  );
}
