import { Code, StatusError } from "../grpc/status.js";
import { NotStoredError } from "../store/not-stored.js";
import type { NodeStore } from "../store/node-store.js";

/**
 * Makes a request's changes together. What cannot be kept is refused as the real node refuses what its database does not
 * take, a full disk included: INTERNAL, with the database's words after its own (xmtp-node-go, `pkg/mls/api/v1`).
 * SDKs send such a request again.
 *
 * @param what the node's own words, for example "failed to insert message"
 */
export function stored<T>(store: NodeStore, what: string, work: () => T): T {
  try {
    return store.step(work);
  } catch (error) {
    if (!(error instanceof NotStoredError)) throw error;
    throw new StatusError(Code.INTERNAL, `${what}: ${error.reason}`, { cause: error });
  }
}
