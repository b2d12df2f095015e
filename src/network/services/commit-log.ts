import { create } from "@bufbuild/protobuf";
import { Code, StatusError } from "../grpc/status.js";
import type { Handlers } from "../grpc/typed-service.js";
import { contents, mls } from "../proto/index.js";
import { hexKey } from "../store/envelope-table.js";
import type { NodeStore } from "../store/node-store.js";
import { queryPage } from "../store/paging.js";
import { stored } from "./stored.js";

type CommitLogRpcs = "batchPublishCommitLog" | "batchQueryCommitLog";
const MAX_INSERTS = 10;
const MAX_QUERIES = 20;

/** The commit log: appended as it comes, neither verified nor freed of duplicates. */
export function commitLogHandlers(store: NodeStore): Pick<Handlers<typeof mls.MlsApi>, CommitLogRpcs> {
  const { commitLog } = store;
  return {
    batchPublishCommitLog({ requests }) {
      if (requests.length === 0) throw invalid("no log entries to publish");
      if (requests.length > MAX_INSERTS)
        throw invalid(`cannot exceed ${MAX_INSERTS} inserts in single batch`);
      stored(store, "failed to insert commit log entry", () => {
        for (const { groupId, serializedCommitLogEntry, signature } of requests) {
          if (groupId.length === 0 || serializedCommitLogEntry.length === 0 || !signature) {
            throw invalid("invalid commit log entry");
          }
          const sequenceId = commitLog.nextId();
          const entry = create(contents.CommitLogEntrySchema, {
            sequenceId,
            serializedCommitLogEntry,
            signature,
          });
          commitLog.append(hexKey(groupId), { id: sequenceId, entry });
        }
      });
      return {};
    },

    batchQueryCommitLog({ requests }) {
      if (requests.length === 0) throw invalid("no requests to query");
      if (requests.length > MAX_QUERIES)
        throw invalid(`cannot exceed ${MAX_QUERIES} queries in single batch`);
      return {
        responses: requests.map(({ groupId, pagingInfo }) => {
          if (groupId.length === 0) throw invalid("invalid request");
          if (pagingInfo?.direction === mls.SortDirection.DESCENDING) {
            throw new StatusError(
              Code.INTERNAL,
              "failed to query commit log: descending direction is not supported",
            );
          }
          const page = queryPage(commitLog, hexKey(groupId), {
            limit: pagingInfo?.limit ?? 0,
            idCursor: pagingInfo?.idCursor ?? 0n,
            direction: mls.SortDirection.ASCENDING,
          });
          return {
            groupId,
            commitLogEntries: page.rows.map(({ entry }) => entry),
            pagingInfo: page.pagingInfo,
          };
        }),
      };
    },
  };
}

function invalid(text: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, text);
}
