import { create } from "@bufbuild/protobuf";
import { Code, StatusError } from "../grpc/status.js";
import type { Handlers } from "../grpc/typed-service.js";
import { MlsFormatError, parseGroupMessage } from "../mls/index.js";
import type { GroupMessageFraming } from "../mls/index.js";
import { mls } from "../proto/index.js";
import { nowNs } from "../store/clock.js";
import { hexKey } from "../store/envelope-table.js";
import type { NodeStore } from "../store/node-store.js";
import { cursorOf, queryPage } from "../store/paging.js";
import { stored } from "./stored.js";
import { deliveredTo, publishedBy } from "./traffic-of.js";
import type { Stored } from "./traffic-of.js";
import { subscribe } from "./subscribe.js";

type GroupMessageRpcs =
  "sendGroupMessages" | "queryGroupMessages" | "subscribeGroupMessages" | "getNewestGroupMessage";

/** Group messages: sent, queried, streamed. Group id and is_commit come from the MLS bytes, nothing else is checked. */
export function groupMessageHandlers(store: NodeStore): Pick<Handlers<typeof mls.MlsApi>, GroupMessageRpcs> {
  const { groupMessages } = store;

  return {
    async sendGroupMessages({ messages }, call) {
      if (messages.length === 0) throw invalid("no group messages to send");
      const parsed = messages.map(({ version }) => {
        if (version.case !== "v1") throw invalid("invalid group message");
        return { ...version.value, ...parse(version.value.data) };
      });
      for (const { data, senderHmac, shouldPush, groupId, isCommit } of parsed) {
        // Only here, after those before it were stored: the real node checks this as it inserts, without a transaction.
        if (groupId.length === 0) throw invalid("group id is empty");
        const told = (row: Stored): void => publishedBy(store, call.peer, row);
        const build = (id: bigint): mls.GroupMessage =>
          create(mls.GroupMessageSchema, {
            version: {
              case: "v1",
              value: { id, createdNs: nowNs(), groupId, data, senderHmac, shouldPush, isCommit },
            },
          });
        const written = groupMessages.feed.write(hexKey(groupId), () =>
          stored(store, "failed to insert message", () => groupMessages.insert(groupId, data, build, told)),
        );
        if (written) await written;
      }
      return {};
    },

    queryGroupMessages({ groupId, pagingInfo }, call) {
      if (groupId.length === 0) throw groupRequired();
      const page = queryPage(groupMessages.log, hexKey(groupId), pagingInfo);
      for (const row of page.rows) deliveredTo(store, call.peer, row, "query");
      return { messages: page.rows.map(({ message }) => message), pagingInfo: page.pagingInfo };
    },

    subscribeGroupMessages({ filters }, stream) {
      // The history query's own complaint, which is why it is not a status of INVALID_ARGUMENT.
      if (filters.some(({ groupId }) => groupId.length === 0)) throw groupRequired();
      const mute = subscribe(stream, {
        table: groupMessages,
        filters: filters.map(({ groupId, idCursor }) => ({
          key: hexKey(groupId),
          cursor: cursorOf(idCursor),
        })),
        overflow: new StatusError(Code.ABORTED, "caller did not read all messages fast enough"),
        onDelivery: (row) => deliveredTo(store, stream.peer, row, "stream"),
        kind: "group",
        tap: store.tap,
      });
      stream.onDeadline(() => stream.end());
      const end = (status: StatusError): void => stream.end(status);
      stream.onClose(
        store.subscriptions.add({ kind: "group", filters: filters.length, peer: stream.peer }, end, mute),
      );
    },

    getNewestGroupMessage({ groupIds, includeContent }) {
      if (groupIds.length === 0) throw invalid("no group ids provided");
      return {
        responses: groupIds.map((groupId) => {
          const message = groupMessages.log.newest(hexKey(groupId))?.message;
          if (!message) return {};
          return { groupMessage: includeContent ? message : withoutContent(message) };
        }),
      };
    },
  };
}

function withoutContent({ version }: mls.GroupMessage): mls.GroupMessage {
  if (version.case !== "v1") return create(mls.GroupMessageSchema);
  const { id, createdNs, groupId, isCommit } = version.value;
  return create(mls.GroupMessageSchema, {
    version: { case: "v1", value: { id, createdNs, groupId, isCommit } },
  });
}

function parse(data: Uint8Array): GroupMessageFraming {
  try {
    return parseGroupMessage(data);
  } catch (error) {
    if (!(error instanceof MlsFormatError)) throw error;
    throw invalid(`invalid group message: validation failed with error ${error.message}`);
  }
}

function groupRequired(): StatusError {
  return new StatusError(Code.UNKNOWN, "group is required");
}

function invalid(text: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, text);
}
