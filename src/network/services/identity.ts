import { applyIdentityUpdate } from "../identity/apply-update.js";
import { AssociationError } from "../identity/errors.js";
import { answerSignatureRequest } from "../identity/signatures/smart-contract-wallet.js";
import type { SmartContractWalletVerifier } from "../identity/signatures/smart-contract-wallet.js";
import { accountChanges } from "../association/state.js";
import type { AssociationState } from "../association/state.js";
import { Code, StatusError } from "../grpc/status.js";
import type { Handlers } from "../grpc/typed-service.js";
import type { associations, identity } from "../proto/index.js";
import { nowNs } from "../store/clock.js";
import type { IdentityRow, NodeStore } from "../store/node-store.js";
import { cursorOf } from "../store/paging.js";
import { KeyedLock } from "./keyed-lock.js";
import { stored } from "./stored.js";

/** Updates an inbox can hold; the 257th is refused. */
const MAX_INBOX_LOG = 256;
/** The real node tries the whole transaction three times, the chain's part with it. */
const PUBLISH_ATTEMPTS = 3;
/**
 * Updates in one answer. Clients ask for 50 inboxes at a time, 12,800 updates at most. The real node has no limit, but
 * an inbox asked n times is answered with n² times its updates, which no memory holds for a large n.
 */
const MAX_ANSWERED_UPDATES = 1_000_000;

/** The identity log: updates per inbox, each verified against the inbox's state, and who an account belongs to. */
export function identityHandlers(
  store: NodeStore,
  wallets: SmartContractWalletVerifier,
): Handlers<typeof identity.IdentityApi> {
  const { identityLog, identityStates, addressLog } = store;
  const inboxes = new KeyedLock();

  return {
    async publishIdentityUpdate({ identityUpdate }) {
      if (!identityUpdate) throw new StatusError(Code.UNKNOWN, "IdentityUpdate is required");
      refuseNul([identityUpdate.inboxId], NUL_IN_TEXT);
      const inboxId = decodeHex(identityUpdate.inboxId);
      await inboxes.run(inboxId, async () => {
        if (identityLog.rows(inboxId).length >= MAX_INBOX_LOG) {
          throw new StatusError(Code.UNKNOWN, "inbox log is full");
        }
        const before = identityStates.get(inboxId);
        const after = await apply(before, identityUpdate, wallets);
        const id = identityLog.nextId();
        const row = { id, serverTimestampNs: nowNs(), update: identityUpdate };
        stored(store, "failed to insert identity update", () => {
          identityLog.append(inboxId, row);
          identityStates.set(inboxId, after);
          const { added, removed } = accountChanges(before, after);
          for (const account of added) addressLog.add(account, inboxId, id);
          for (const account of removed) addressLog.revoke(account, inboxId);
        });
        void store.identityFeed.publish(inboxId, row);
        store.traffic?.inboxChanged();
      });
      return {};
    },

    getIdentityUpdates({ requests }) {
      // One database query for all requests, joined: an inbox asked twice is answered twice with what either request
      // would see, and a row that both see comes twice. Rows are told apart by the id in lower case.
      refuseNul(
        requests.map(({ inboxId }) => inboxId),
        NUL_IN_JSON,
      );
      const cursors = new Map<string, bigint[]>();
      for (const { inboxId, sequenceId } of requests) {
        const key = decodeHex(inboxId);
        const list = cursors.get(key);
        if (list) list.push(cursorOf(sequenceId));
        else cursors.set(key, [cursorOf(sequenceId)]);
      }
      const answered = requests.reduce(
        (sum, { inboxId }) => sum + (cursors.get(inboxId)?.length ?? 0) * identityLog.rows(inboxId).length,
        0,
      );
      if (answered > MAX_ANSWERED_UPDATES) {
        const text = `grpc: trying to send ${answered} updates (max ${MAX_ANSWERED_UPDATES})`;
        throw new StatusError(Code.RESOURCE_EXHAUSTED, text);
      }
      return {
        responses: requests.map(({ inboxId }) => ({
          inboxId,
          updates: [...joined(identityLog, inboxId, cursors.get(inboxId) ?? [])].map(
            ({ id, serverTimestampNs, update }) => ({ sequenceId: id, serverTimestampNs, update }),
          ),
        })),
      };
    },

    getInboxIds({ requests }) {
      refuseNul(
        requests.map(({ identifier }) => identifier),
        NUL_IN_TEXT,
      );
      // The kind of the identifier is neither used nor echoed; only Ethereum accounts resolve.
      return {
        responses: requests.map(({ identifier }) => ({
          identifier,
          inboxId: addressLog.inboxOf(identifier),
        })),
      };
    },

    async verifySmartContractWalletSignatures({ signatures }) {
      return {
        responses: await Promise.all(
          signatures.map((signature) => answerSignatureRequest(signature, wallets)),
        ),
      };
    },
  };
}

async function apply(
  before: AssociationState | undefined,
  update: associations.IdentityUpdate,
  wallets: SmartContractWalletVerifier,
): Promise<AssociationState> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyIdentityUpdate(before, update, wallets);
    } catch (error) {
      if (!(error instanceof AssociationError)) throw error;
      if (attempt < PUBLISH_ATTEMPTS && chainFailed(error)) continue;
      throw new StatusError(Code[error.code], error.message, { cause: error });
    }
  }
}

/** Whether a chain said that it cannot, and may be asked again; one that took too long has had its time. */
function chainFailed({ code, cause }: AssociationError): boolean {
  return code === "UNAVAILABLE" && cause instanceof Error && cause.name !== "TimeoutError";
}

/** Rows of an inbox, ascending, each as often as one of the cursors lies below it. */
function* joined(
  log: NodeStore["identityLog"],
  inboxId: string,
  cursors: readonly bigint[],
): Generator<IdentityRow> {
  if (cursors.length === 0) return;
  const lowest = cursors.reduce((low, cursor) => (cursor < low ? cursor : low));
  for (const row of log.after(inboxId, lowest, Infinity)) {
    for (const cursor of cursors) if (row.id > cursor) yield row;
  }
}

/** A NUL as Postgres refuses it: in a text parameter, and in the JSON that holds all requests of a look-up. */
const NUL_IN_TEXT = 'ERROR: invalid byte sequence for encoding "UTF8": 0x00 (SQLSTATE 22021)';
const NUL_IN_JSON = "ERROR: unsupported Unicode escape sequence (SQLSTATE 22P05)";

function refuseNul(texts: readonly string[], complaint: string): void {
  if (texts.some((text) => text.includes("\0"))) throw new StatusError(Code.UNKNOWN, complaint);
}

/**
 * The inbox id as its bytes' hex: the real node stores bytes, and passes its database's complaint on. Lower case
 * whatever came, and without the white space between bytes, which that database skips.
 */
function decodeHex(inboxId: string): string {
  let digits = "";
  for (const char of inboxId) {
    if (digits.length % 2 === 0 && /[ \n\t\r]/u.test(char)) continue;
    if (!/[0-9a-fA-F]/u.test(char)) {
      throw new StatusError(Code.UNKNOWN, `ERROR: invalid hexadecimal digit: "${char}" (SQLSTATE 22023)`);
    }
    digits += char;
  }
  if (digits.length % 2 === 1) {
    throw new StatusError(
      Code.UNKNOWN,
      "ERROR: invalid hexadecimal data: odd number of digits (SQLSTATE 22023)",
    );
  }
  return digits.toLowerCase();
}
