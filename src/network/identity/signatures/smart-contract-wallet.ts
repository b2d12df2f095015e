import type { VerifySmartContractWalletSignatureRequestSignature as SignatureRequest } from "../../proto/gen/identity_pb.js";
import { evmChainId, parseAccountId } from "../account-id.js";
import { AssociationError } from "../errors.js";

/** What a client asks the node to find out on a chain: does this contract accept this signature? (ERC-1271.) */
export interface SmartContractWalletQuestion {
  /** Number of the EVM chain, for example 1n */
  readonly chainId: bigint;
  /** Address of the contract, as the client sent it: neither checked nor in lower case */
  readonly address: string;
  /** What was signed, 32 bytes */
  readonly hash: Uint8Array;
  /** What the wallet's owner gave; its form is the contract's own matter */
  readonly signature: Uint8Array;
  /** The block to ask at; undefined: the latest. */
  readonly blockNumber: bigint | undefined;
}

/** The answer to a {@link SmartContractWalletQuestion}. Whoever cannot tell throws instead. */
export interface SmartContractWalletAnswer {
  /** Whether the contract accepts the signature. */
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
