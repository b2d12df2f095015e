import { create, toBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { envelopes } from "../../proto/index.js";
import { NODE_ID, ORIGINATORS } from "./originators.js";

/** Nobody verifies the signatures of payers and originators: not the clients (measured), and not this node. */
const NO_SIGNATURE = new Uint8Array(65);
const NO_TRANSACTION = new Uint8Array(32);

export interface EnvelopeParts {
  readonly originator: number;
  readonly sequence: bigint;
  /** Unix time */
  readonly ns: bigint;
  readonly client: MessageInitShape<typeof envelopes.ClientEnvelopeSchema>;
}

/** A client's envelope as the network hands it on: in a payer's, in an originator's. */
export function originatorEnvelope(parts: EnvelopeParts): envelopes.OriginatorEnvelope {
  const { originator, sequence, ns, client } = parts;
  const payer = create(envelopes.PayerEnvelopeSchema, {
    unsignedClientEnvelope: toBinary(
      envelopes.ClientEnvelopeSchema,
      create(envelopes.ClientEnvelopeSchema, client),
    ),
    payerSignature: { bytes: NO_SIGNATURE },
    targetOriginator: NODE_ID,
  });
  const unsigned = create(envelopes.UnsignedOriginatorEnvelopeSchema, {
    originatorNodeId: originator,
    originatorSequenceId: sequence,
    originatorNs: ns,
    payerEnvelopeBytes: toBinary(envelopes.PayerEnvelopeSchema, payer),
  });
  const onChain = originator === ORIGINATORS.commit || originator === ORIGINATORS.identity;
  return create(envelopes.OriginatorEnvelopeSchema, {
    unsignedOriginatorEnvelope: toBinary(envelopes.UnsignedOriginatorEnvelopeSchema, unsigned),
    proof: onChain
      ? { case: "blockchainProof", value: { transactionHash: NO_TRANSACTION } }
      : { case: "originatorEcdsaSignature", value: { bytes: NO_SIGNATURE } },
  });
}
