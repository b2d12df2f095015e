/** How the node answers: the first is the client's fault, the second asks for a retry. */
export type AssociationErrorCode = "INVALID_ARGUMENT" | "UNAVAILABLE";

/** An identity update that the node must refuse. The text is the one that clients of the real node see. */
export class AssociationError extends Error {
  override readonly name = "AssociationError";
  readonly code: AssociationErrorCode;

  constructor(message: string, options?: ErrorOptions & { code?: AssociationErrorCode }) {
    super(message, options);
    this.code = options?.code ?? "INVALID_ARGUMENT";
  }
}
