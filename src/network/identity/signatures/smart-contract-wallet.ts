import type { VerifySmartContractWalletSignatureRequestSignature as SignatureRequest } from "../../proto/gen/identity_pb.js";
import { evmChainId, parseAccountId } from "../account-id.js";
import { AssociationError } from "../errors.js";

export interface SmartContractWalletQuestion {
  /** Number of the EVM chain */
  readonly chainId: bigint;
  /** As the client sent it */
  readonly address: string;
  /** What was signed, 32 bytes */
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
  /** Undefined asks for the latest block. */
  readonly blockNumber: bigint | undefined;
}

export interface SmartContractWalletAnswer {
  readonly valid: boolean;
  /** The block that the answer holds for; clients keep it in the identity update. */
  readonly blockNumber: bigint;
}

/**
 * Decides whether a contract accepts a signature: the hook that stands in for a chain.
 *
 * It throws AssociationError with the code UNAVAILABLE when it cannot tell (unknown chain, chain not reachable).
 */
export interface SmartContractWalletVerifier {
  verify(question: SmartContractWalletQuestion): Promise<SmartContractWalletAnswer>;
}

const HASH_BYTES = 32;

/** Answers one entry of VerifySmartContractWalletSignatures; what fails is told inside the entry. */
export async function answerSignatureRequest(
  request: SignatureRequest,
  verifier: SmartContractWalletVerifier,
): Promise<{ isValid: boolean; blockNumber?: bigint; error?: string }> {
  try {
    const account = parseAccountId(request.accountId);
    if (request.hash.length !== HASH_BYTES)
      throw new AssociationError("Invalid hash (needs to be 32 bytes)", {
        debug: "Deserialization(InvalidHash)",
      });
    const { valid, blockNumber } = await verifier.verify({
      chainId: evmChainId(account),
      address: account.address,
      hash: request.hash,
      signature: request.signature,
      blockNumber: request.blockNumber,
    });
    return { isValid: valid, blockNumber };
  } catch (error) {
    if (error instanceof AssociationError) return { isValid: false, error: error.debug };
    throw error;
  }
}
