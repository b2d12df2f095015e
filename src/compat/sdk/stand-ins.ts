import { errorText } from "../../errors.js";
import { scopeIfAny } from "../scope.js";
import { inboxPool } from "./pool.js";

const address = /^0x[0-9a-fA-F]{40}$/;
const inboxId = /^[0-9a-f]{64}$/;

/** What the SDK says of an inbox or wallet that nobody has. */
const unknownInbox = /not found|no inbox|missing|not registered|does not exist|unknown|no identity/i;

const standIns = new Map<string, { readonly inboxId: string; readonly address: string }>();

/**
 * Makes a call that names other people. Where it fails because the network knows none of that name, every stranger is
 * replaced by an inbox of the pool and the call is made once more: suites have addresses of the public networks in
 * them, whose keys nobody here has. Each such inbox is noted in the report.
 */
export async function withStandIns(
  name: string,
  args: readonly unknown[],
  call: (args: readonly unknown[]) => unknown,
): Promise<unknown> {
  try {
    return await call(args);
  } catch (error) {
    const scope = scopeIfAny();
    const strangers = scope === undefined ? [] : strangersIn(args, scope.people.inboxIds);
    if (scope === undefined || strangers.length === 0 || !unknownInbox.test(errorText(error))) throw error;
    for (const stranger of strangers) {
      if (!standIns.has(stranger)) standIns.set(stranger, inboxPool.standIn(standIns.size));
      scope.note(`${name}: the network knows no ${stranger}; an inbox of the pool stands in for it.`);
    }
    await scope.poolReady();
    return await call(replaced(args) as unknown[]);
  }
}

function strangersIn(args: unknown, known: ReadonlySet<string>): string[] {
  if (typeof args === "string")
    return (address.test(args) || inboxId.test(args)) && !known.has(args.toLowerCase()) ? [args] : [];
  if (Array.isArray(args)) return args.flatMap((one: unknown) => strangersIn(one, known));
  if (typeof args === "object" && args !== null && "identifier" in args)
    return strangersIn(args.identifier, known);
  return [];
}

function replaced(args: unknown): unknown {
  if (typeof args === "string") {
    const standIn = standIns.get(args);
    if (!standIn) return args;
    return address.test(args) ? standIn.address : standIn.inboxId;
  }
  if (Array.isArray(args)) return args.map((one: unknown) => replaced(one));
  if (typeof args === "object" && args !== null && "identifier" in args)
    return { ...args, identifier: replaced(args.identifier) };
  return args;
}
