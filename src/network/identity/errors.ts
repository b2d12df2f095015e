import { ChainRpcError } from "./signatures/chain-rpc.js";

/** How the node answers: the first is the client's fault, the second asks for a retry. */
export type AssociationErrorCode = "INVALID_ARGUMENT" | "UNAVAILABLE";

/** An identity update that the node must refuse. The text is the one that clients of the real node see. */
export class AssociationError extends Error {
  override readonly name = "AssociationError";
  readonly code: AssociationErrorCode;
  /** How an entry of VerifySmartContractWalletSignatures tells it: the real service writes Rust's Debug form there. */
  readonly debug: string;

  constructor(message: string, options?: ErrorOptions & { code?: AssociationErrorCode; debug?: string }) {
    super(message, options);
    this.code = options?.code ?? "INVALID_ARGUMENT";
    this.debug = options?.debug ?? message;
  }
}

const GENERATED = "xmtp_proto::generated::xmtp";

/** libxmtp's ConversionError::Missing, which names the Rust type of the field that is not there. */
export function missingField(item: string, type: string): AssociationError {
  return new AssociationError(
    `missing field ${item} of type ${GENERATED}::${type} during conversion from protobuf`,
  );
}

/**
 * What a signature library refused without a reason. The validation service has one error for the libraries of all its
 * curves, and its text names one.
 */
export function signatureLibraryFailed(cause?: unknown): AssociationError {
  return new AssociationError("ed25519 Signature failed signature error", { cause });
}

/** A chain that nobody here can ask. Retried by clients, for the node may learn of it. */
export function noVerifier(chain: string): AssociationError {
  return new AssociationError(`verifier not present for chain ID ${chain}`, {
    code: "UNAVAILABLE",
    debug: `Signature(VerifierError(NoVerifier(${JSON.stringify(chain)})))`,
  });
}

/** A chain that could not answer: in its library's own words, or for one that took too long, in ours. */
export function providerFailed(chain: string, cause: unknown): AssociationError {
  if (cause instanceof ChainRpcError) {
    const debug = `Signature(VerifierError(Provider(${cause.debug})))`;
    return new AssociationError(cause.message, { code: "UNAVAILABLE", debug, cause });
  }
  return new AssociationError(`the chain ${chain} did not answer`, { code: "UNAVAILABLE", cause });
}

/** An account on a known chain whose address is none. */
export function invalidString(): AssociationError {
  return new AssociationError("Invalid string length", {
    debug: "Signature(VerifierError(FromHex(InvalidStringLength)))",
  });
}
