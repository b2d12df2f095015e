import { Code, StatusError } from "../../grpc/status.js";
import type { mls } from "../../proto/index.js";
import type { BidiLimits } from "./limits.js";
import { invalid, parseTopic } from "./topic.js";
import type { Topic } from "./topic.js";

export interface Addition {
  readonly topic: Topic;
  readonly cursor: bigint;
}

/** A Mutate whose form is right; whether it fits what the stream follows is for the session to say. */
export interface Mutation {
  readonly mutateId: bigint;
  readonly historyOnly: boolean;
  /** One per topic: of a topic named twice, the lower cursor. */
  readonly adds: readonly Addition[];
  readonly removes: readonly Topic[];
}

/**
 * Reads a Mutate, in the real node's order of checks, before anything is changed.
 *
 * @param inFlight whether a wave with this id is under way
 * @throws StatusError INVALID_ARGUMENT, or RESOURCE_EXHAUSTED for too many adds
 */
export function parseMutation(
  mutate: mls.SubscribeRequest_V1_Mutate,
  limits: BidiLimits,
  inFlight: (mutateId: bigint) => boolean,
): Mutation {
  const { adds, removes, historyOnly, mutateId } = mutate;
  if (adds.length > 0 && mutateId === 0n) throw invalid("a Mutate with adds requires a nonzero mutate_id");
  if (adds.length > limits.addsPerMutate) {
    throw new StatusError(
      Code.RESOURCE_EXHAUSTED,
      `adds-per-Mutate limit ${limits.addsPerMutate} exceeded; split the adds across Mutates`,
    );
  }
  if (mutateId !== 0n && inFlight(mutateId)) {
    throw invalid(`mutate_id ${mutateId} is already in flight on this stream`);
  }
  const byName = new Map<string, Addition>();
  for (const { topic: wire, idCursor } of adds) {
    const topic = parseTopic(wire, "add");
    const known = byName.get(topic.name);
    if (known === undefined || idCursor < known.cursor) byName.set(topic.name, { topic, cursor: idCursor });
  }
  return {
    mutateId,
    historyOnly,
    adds: [...byName.values()],
    removes: removes.map((wire) => parseTopic(wire, "remove")),
  };
}
