import { applyIdentityUpdate } from "../identity/apply-update.js";
import { AssociationError } from "../identity/errors.js";
import { answerSignatureRequest } from "../identity/smart-contract-wallet.js";
import type { SmartContractWalletVerifier } from "../identity/smart-contract-wallet.js";
import { accountChanges } from "../identity/state.js";
import type { AssociationState } from "../identity/state.js";
import { Code, StatusError } from "../grpc/status.js";
import type { Handlers } from "../grpc/typed-service.js";
import type { associations, identity } from "../proto/index.js";
import { nowNs } from "../store/clock.js";
import type { NodeStore } from "../store/node-store.js";
import { KeyedLock } from "./keyed-lock.js";

/** Updates an inbox can hold; the 257th is refused. */
const MAX_INBOX_LOG = 256;

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
      const { inboxId } = identityUpdate;
      checkHex(inboxId);
      await inboxes.run(inboxId, async () => {
        if (identityLog.rows(inboxId).length >= MAX_INBOX_LOG) {
          throw new StatusError(Code.UNKNOWN, "inbox log is full");
        }
        const before = identityStates.get(inboxId);
        const after = await apply(before, identityUpdate, wallets);
        const id = identityLog.nextId();
        identityLog.append(inboxId, { id, serverTimestampNs: nowNs(), update: identityUpdate });
        identityStates.set(inboxId, after);
        const { added, removed } = accountChanges(before, after);
        for (const account of added) addressLog.add(account, inboxId, id);
        for (const account of removed) addressLog.revoke(account, inboxId);
      });
      return {};
    },

    getIdentityUpdates({ requests }) {
      // An inbox asked twice is answered twice with all that either request would see, as the real node does.
      const from = new Map<string, bigint>();
      for (const { inboxId, sequenceId } of requests) {
        const other = from.get(inboxId);
        from.set(inboxId, other === undefined || sequenceId < other ? sequenceId : other);
      }
      return {
        responses: requests.map(({ inboxId }) => ({
          inboxId,
          updates: identityLog
            .after(inboxId, from.get(inboxId) ?? 0n, Infinity)
            .map(({ id, serverTimestampNs, update }) => ({ sequenceId: id, serverTimestampNs, update })),
        })),
      };
    },

    getInboxIds({ requests }) {
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
  try {
    return await applyIdentityUpdate(before, update, wallets);
  } catch (error) {
    if (!(error instanceof AssociationError)) throw error;
    throw new StatusError(Code[error.code], error.message, { cause: error });
  }
}

/** Inbox ids are stored as bytes; the real node passes its database's complaint on. */
function checkHex(inboxId: string): void {
  const digit = /[^0-9a-fA-F]/u.exec(inboxId)?.[0];
  if (digit !== undefined) {
    throw new StatusError(Code.UNKNOWN, `ERROR: invalid hexadecimal digit: "${digit}" (SQLSTATE 22023)`);
  }
  if (inboxId.length % 2 === 1) {
    throw new StatusError(
      Code.UNKNOWN,
      "ERROR: invalid hexadecimal data: odd number of digits (SQLSTATE 22023)",
    );
  }
}
