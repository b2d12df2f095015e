import { XmtpTestError } from "../../errors.js";
import type { NodeMethod } from "../../network/index.js";
import type { Fault } from "../fault.js";
import type { NodeChaos } from "../node/node-chaos.js";
import type { NodeVerb, PlanStep } from "./plan.js";

/** Puts on the fault of a plan's step that the node makes. @throws XmtpTestError `CHAOS_PLAN` without a method it needs */
export async function applyNodeStep(
  node: NodeChaos,
  { verb, targets, options }: PlanStep & { readonly verb: NodeVerb },
): Promise<Fault> {
  // Options come from a builder's caller or from a file; the node checks what it uses.
  const { method, ...rest } = options as { readonly method?: unknown };
  const how = rest as never;
  switch (verb) {
    case "failCalls":
    case "loseReplies":
    case "delayCalls":
      return await node[verb](targets, named(verb, method), how);
    default:
      return await node[verb](targets, how);
  }
}

/** The node knows its methods, and refuses others. */
function named(verb: string, method: unknown): NodeMethod {
  if (typeof method === "string") return method as NodeMethod;
  throw new XmtpTestError(
    "CHAOS_PLAN",
    `A step "${verb}" of the plan names no method (${JSON.stringify(method)}).`,
    'Give one with its options, for example { method: "SendGroupMessages" }.',
  );
}
