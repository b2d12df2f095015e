import { create, toBinary } from "@bufbuild/protobuf";
import type { CallInfo } from "../../grpc/service.js";
import type { Handlers } from "../../grpc/typed-service.js";
import { KeyPackageError, MlsFormatError, parseGroupMessage, validateKeyPackage } from "../../mls/index.js";
import { envelopes, identity, mls } from "../../proto/index.js";
import type { payerApi } from "../../proto/index.js";
import { hexKey } from "../../store/envelope-table.js";
import type { Row } from "../../store/keyed-log.js";
import type { NodeStore } from "../../store/node-store.js";
import { stored } from "../stored.js";
import { NODE_ID } from "./originators.js";
import type { Entry, TopicReader } from "./reader.js";
import { invalid, isTopic, readTopic } from "./topic.js";
import type { D14nTopicKind } from "./topic.js";

/** The v3 handlers that envelopes are stored by: one validation for both kinds of client. */
export type Publishers = Pick<
  Required<Handlers<typeof mls.MlsApi>>,
  "sendGroupMessages" | "sendWelcomeMessages" | "uploadKeyPackage"
> &
  Pick<Required<Handlers<typeof identity.IdentityApi>>, "publishIdentityUpdate">;

/** A client's envelope whose payload is of its topic's kind. */
interface Addressed {
  readonly aad: envelopes.AuthenticatedData;
  readonly kind: D14nTopicKind;
  readonly key: string;
  readonly payload: envelopes.ClientEnvelope["payload"];
}

/**
 * What a gateway does for clients: it takes their envelopes, and names the nodes.
 *
 * An envelope is stored as the v3 request with the same payload would be, or refused as that would be. The form of
 * all is checked before the first is stored.
 */
export function gatewayHandlers(
  store: NodeStore,
  reader: TopicReader,
  publishers: Publishers,
): Handlers<typeof payerApi.PayerApi> {
  return {
    async publishClientEnvelopes({ envelopes: given }, call) {
      const addressed = given.map(address);
      const stored: Entry[] = [];
      for (const one of addressed) {
        const row = await publish(store, publishers, one, call);
        stored.push(reader.entry(one.kind, one.key, row));
      }
      return { originatorEnvelopes: stored.map(({ envelope }) => envelope) };
    },

    getNodes(_, { metadata }) {
      // By the name the client knows us by: it may have come through a proxy, and is to stay there.
      return { nodes: { [NODE_ID]: `http://${metadata["host"] ?? "127.0.0.1"}` } };
    },
  };
}

const KIND_OF: Readonly<Record<NonNullable<envelopes.ClientEnvelope["payload"]["case"]>, D14nTopicKind>> = {
  groupMessage: "group",
  welcomeMessage: "welcome",
  identityUpdate: "identity",
  uploadKeyPackage: "keyPackage",
};

function address({ aad, payload }: envelopes.ClientEnvelope, at: number): Addressed {
  const refuse = (text: string): Error =>
    invalid(`error grouping envelopes: rpc error: code = InvalidArgument desc = ${text}`);
  if (!aad) throw refuse(`Invalid client envelope at index ${at}: aad is missing`);
  if (payload.case === undefined) throw refuse(`Invalid client envelope at index ${at}: payload is missing`);
  if (!isTopic(aad.targetTopic)) throw refuse(`Invalid client envelope at index ${at}: invalid topic`);
  const { kind, key } = readTopic(aad.targetTopic);
  if (kind !== KIND_OF[payload.case]) throw refuse(`Client envelope at index ${at} does not match topic`);
  return { aad, kind, key, payload };
}

async function publish(
  store: NodeStore,
  publishers: Publishers,
  { aad, key, payload }: Addressed,
  call: CallInfo,
): Promise<Row> {
  const belongs = (to: string | undefined): void => {
    if (to !== undefined && to !== key) throw invalid(`topic does not match payload: ${key}, not ${to}`);
  };
  switch (payload.case) {
    case "groupMessage": {
      const { version } = payload.value;
      const find = (): (Row & { message: mls.GroupMessage }) | undefined =>
        first(store.groupMessages.log.downwards(key), ({ message }) =>
          sameBytes(dataOf(message), version.value?.data),
        );
      if (version.case === "v1") belongs(groupOf(version.value.data));
      await publishers.sendGroupMessages(
        create(mls.SendGroupMessagesRequestSchema, { messages: [payload.value] }),
        call,
      );
      const row = found(find());
      // What the first client said counts; one whose words were refused says them again.
      stored(store, "failed to insert message", () => {
        if (store.authenticatedData.has(row.id)) return;
        store.authenticatedData.set(row.id, toBinary(envelopes.AuthenticatedDataSchema, aad));
      });
      return row;
    }
    case "welcomeMessage": {
      const { version } = payload.value;
      if (version.case) belongs(hexKey(version.value.installationKey));
      await publishers.sendWelcomeMessages(
        create(mls.SendWelcomeMessagesRequestSchema, { messages: [payload.value] }),
        call,
      );
      const bytes = version.case === "v1" ? version.value.data : version.value?.welcomePointer;
      return found(
        first(store.welcomes.log.downwards(key), ({ message }) => sameBytes(welcomeBytes(message), bytes)),
      );
    }
    case "uploadKeyPackage": {
      const bytes = payload.value.keyPackage?.keyPackageTlsSerialized;
      if (bytes) belongs(installationOf(bytes));
      await publishers.uploadKeyPackage(payload.value, call);
      return found(store.keyPackageLog.rows(key).findLast((row) => sameBytes(row.bytes, bytes)));
    }
    case "identityUpdate": {
      belongs(payload.value.inboxId.toLowerCase());
      await publishers.publishIdentityUpdate(
        create(identity.PublishIdentityUpdateRequestSchema, { identityUpdate: payload.value }),
        call,
      );
      return found(store.identityLog.rows(key).findLast(({ update }) => update === payload.value));
    }
    case undefined:
      throw invalid("payload is missing");
  }
}

function first<R>(rows: Iterable<R>, fits: (row: R) => boolean): R | undefined {
  for (const row of rows) if (fits(row)) return row;
  return undefined;
}

function found<R extends Row>(row: R | undefined): R {
  if (row === undefined) throw new Error("What was just stored is not there.");
  return row;
}

function dataOf({ version }: mls.GroupMessage): Uint8Array | undefined {
  return version.value?.data;
}

function welcomeBytes({ version }: mls.WelcomeMessage): Uint8Array | undefined {
  return version.case === "v1" ? version.value.data : version.value?.welcomePointer;
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}

/** Undefined for bytes that are not a group message: the handler says what is wrong with them. */
function groupOf(data: Uint8Array): string | undefined {
  try {
    return hexKey(parseGroupMessage(data).groupId);
  } catch (error) {
    if (error instanceof MlsFormatError) return undefined;
    throw error;
  }
}

/** Undefined for bytes that are not a valid key package. */
function installationOf(bytes: Uint8Array): string | undefined {
  try {
    return hexKey(validateKeyPackage(bytes, Math.floor(Date.now() / 1000)).installationKey);
  } catch (error) {
    if (error instanceof KeyPackageError) return undefined;
    throw error;
  }
}
