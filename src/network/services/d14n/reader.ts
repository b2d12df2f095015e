import { fromBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { parseGroupMessage } from "../../mls/index.js";
import { envelopes } from "../../proto/index.js";
import type { mls } from "../../proto/index.js";
import type { Feed } from "../../store/feed.js";
import type { PagedLog, Row } from "../../store/keyed-log.js";
import type { NodeStore } from "../../store/node-store.js";
import { originatorEnvelope } from "./envelope.js";
import type { EnvelopeParts } from "./envelope.js";
import { ORIGINATORS } from "./originators.js";
import { readTopic, topicOf } from "./topic.js";
import type { D14nTopicKind } from "./topic.js";

/** Last sequence seen per originator; one that is missing counts as 0. */
export type Seen = ReadonlyMap<number, bigint>;

/** A stored row, seen as an envelope. */
export interface Entry {
  /** Group, installation or inbox, in hex. */
  readonly key: string;
  readonly originator: number;
  readonly sequence: bigint;
  readonly ns: bigint;
  readonly envelope: envelopes.OriginatorEnvelope;
}

interface Table {
  above(key: string, cursor: bigint): Iterable<Row>;
  newest(key: string): Row | undefined;
  listen(keys: Iterable<string>, listener: (key: string, row: Row) => void): () => void;
  entry(row: Row, key: string): Entry;
}

/** The v3 tables, read as topics: both kinds of client see the same messages. */
export class TopicReader {
  readonly #tables: Readonly<Record<D14nTopicKind, Table>>;

  constructor(store: NodeStore) {
    const { groupMessages, welcomes, identityLog, identityFeed, keyPackageLog, keyPackageFeed } = store;
    this.#tables = {
      group: table(groupMessages.log, groupMessages.feed, (row) => groupParts(row.message, store)),
      welcome: table(welcomes.log, welcomes.feed, (row) => welcomeParts(row.message)),
      identity: table(identityLog, identityFeed, ({ id, serverTimestampNs: ns, update }, key) => ({
        originator: ORIGINATORS.identity,
        sequence: id,
        ns,
        client: client("identity", Buffer.from(key, "hex"), { case: "identityUpdate", value: update }),
      })),
      keyPackage: table(keyPackageLog, keyPackageFeed, ({ id, serverTimestampNs: ns, bytes }, key) => ({
        originator: ORIGINATORS.keyPackage,
        sequence: id,
        ns,
        client: client("keyPackage", Buffer.from(key, "hex"), {
          case: "uploadKeyPackage",
          value: { keyPackage: { keyPackageTlsSerialized: bytes } },
        }),
      })),
    };
  }

  /** What a topic holds beyond what was seen of it, ascending. */
  *history(topic: Uint8Array, seen: Seen): Generator<Entry> {
    const { kind, key } = readTopic(topic);
    if (kind === undefined) return;
    const source = this.#tables[kind];
    const lowest = ORIGINATORS_OF[kind].map((originator) => seen.get(originator) ?? 0n);
    for (const row of source.above(key, min(lowest))) {
      const entry = source.entry(row, key);
      if (entry.sequence > (seen.get(entry.originator) ?? 0n)) yield entry;
    }
  }

  newest(topic: Uint8Array): Entry | undefined {
    const { kind, key } = readTopic(topic);
    const row = kind && this.#tables[kind].newest(key);
    return kind && row && this.#tables[kind].entry(row, key);
  }

  /** The envelope of a row that a client has just published. */
  entry(kind: D14nTopicKind, key: string, row: Row): Entry {
    return this.#tables[kind].entry(row, key);
  }

  /** @returns a function that ends the listening */
  listen(topics: readonly Uint8Array[], listener: (topic: Uint8Array, entry: Entry) => void): () => void {
    const ends = topics.map((topic) => {
      const { kind, key } = readTopic(topic);
      if (kind === undefined) return undefined;
      const source = this.#tables[kind];
      return source.listen([key], (_, row) => listener(topic, source.entry(row, key)));
    });
    return () => {
      for (const end of ends) end?.();
    };
  }
}

const ORIGINATORS_OF: Readonly<Record<D14nTopicKind, readonly number[]>> = {
  group: [ORIGINATORS.commit, ORIGINATORS.application],
  welcome: [ORIGINATORS.welcome],
  identity: [ORIGINATORS.identity],
  keyPackage: [ORIGINATORS.keyPackage],
};

/** Rows of a log as entries; one that is being delivered is made once, however many hear of it. */
function table<R extends Row>(
  log: PagedLog<R>,
  feed: Feed<R>,
  parts: (row: R, key: string) => EnvelopeParts,
): Table {
  const made = new WeakMap<Row, Entry>();
  return {
    above: (key, cursor) => log.above(key, cursor),
    newest: (key) => log.newest(key),
    listen: (keys, listener) => feed.listen(keys, listener),
    entry: (row, key) => {
      const known = made.get(row);
      if (known) return known;
      const built = parts(row as R, key);
      const { originator, sequence, ns } = built;
      const entry: Entry = { key, originator, sequence, ns, envelope: originatorEnvelope(built) };
      made.set(row, entry);
      return entry;
    },
  };
}

function groupParts({ version }: mls.GroupMessage, { authenticatedData }: NodeStore): EnvelopeParts {
  if (version.case !== "v1") throw new Error("A stored group message has no version.");
  const { id, createdNs, groupId, data, senderHmac, shouldPush } = version.value;
  const commit = parseGroupMessage(data).contentType === "commit";
  const own = authenticatedData.get(id);
  const envelope = client("group", groupId, {
    case: "groupMessage",
    value: { version: { case: "v1", value: { data, senderHmac, shouldPush } } },
  });
  return {
    originator: commit ? ORIGINATORS.commit : ORIGINATORS.application,
    sequence: id,
    ns: createdNs,
    client: own ? { ...envelope, aad: fromBinary(envelopes.AuthenticatedDataSchema, own) } : envelope,
  };
}

function welcomeParts({ version }: mls.WelcomeMessage): EnvelopeParts {
  if (version.case === undefined) throw new Error("A stored welcome has no version.");
  const { id, createdNs, installationKey, hpkePublicKey, wrapperAlgorithm } = version.value;
  const common = { installationKey, hpkePublicKey, wrapperAlgorithm };
  const input =
    version.case === "v1"
      ? {
          case: "v1" as const,
          value: { ...common, data: version.value.data, welcomeMetadata: version.value.welcomeMetadata },
        }
      : {
          case: "welcomePointer" as const,
          value: { ...common, welcomePointer: version.value.welcomePointer },
        };
  return {
    originator: ORIGINATORS.welcome,
    sequence: id,
    ns: createdNs,
    client: client("welcome", installationKey, { case: "welcomeMessage", value: { version: input } }),
  };
}

type ClientInit = MessageInitShape<typeof envelopes.ClientEnvelopeSchema>;

function client(kind: D14nTopicKind, id: Uint8Array, payload: NonNullable<ClientInit["payload"]>) {
  return { aad: { targetTopic: topicOf(kind, id) }, payload };
}

function min(values: readonly bigint[]): bigint {
  return values.reduce((low, value) => (value < low ? value : low));
}
