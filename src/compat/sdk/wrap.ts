import { scopeIfAny } from "../scope.js";
import { clientNames, conversationNames, conversationsNames, preferencesNames } from "./names.js";
import type { Any, Names } from "./names.js";
import { withStandIns } from "./stand-ins.js";

/** Methods that reach the network: they wait for faults that are being put on, and for the pool of inboxes. */
const reaching =
  /^(sync|syncAll|send\w*|create\w*|new(Group|Dm)\w*|fetch\w*|canMessage|add\w+|remove\w+|update\w+|revoke\w+|publishMessages|requestHistorySync|inboxState\w*|getLatestInboxState|getInboxIdByIdentifier|getKeyPackage\w+|setConsentStates|messages|members|getConversationById|list)$/;

/** Of those, the ones that name other people's inboxes. */
const naming = /^(create|new)(Group|Dm)|^addMembers|^canMessage$|^inboxStateFrom|^fetchInbox|^getInboxId/;

const wrapped = new WeakMap<object, object>();

/** Whose conversation an object is: the client that handed it out. */
const owners = new WeakMap<object, Any>();

/** The installation that speaks through a conversation; undefined for one that no wrapped client handed out. */
export function ownerOf(conversation: object): string | undefined {
  const id = owners.get(conversation)?.["installationId"];
  return typeof id === "string" ? id : undefined;
}

/** A client with the names of all SDK generations; the real one underneath is the same. */
export function wrapClient<T extends object>(client: T): T {
  return wrap(client as Any, clientNames) as T;
}

function wrap(real: Any, names: Names, owner: Any = real): Any {
  const known = wrapped.get(real);
  if (known) return known as Any;
  const proxy = new Proxy(real, {
    get: (target, name) => {
      // Unbound: suites tell a DM from a group by its constructor's name.
      if (name === "constructor") return Reflect.get(target, name, target);
      if (typeof name === "symbol") return bound(target, Reflect.get(target, name, target));
      const found = Object.hasOwn(names, name)
        ? names[name]?.(target)
        : bound(target, Reflect.get(target, name, target));
      if (name === "conversations" && isObject(found)) return wrap(found, conversationsNames, owner);
      if (name === "preferences" && isObject(found)) return wrap(found, preferencesNames, owner);
      if (typeof found !== "function") return found;
      return reaching.test(name)
        ? later(name, found as Call, owner)
        : (...args: unknown[]) => dressed(call(found as Call, args), owner);
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
    has: (target, name) =>
      Reflect.has(target, name) || (typeof name === "string" && Object.hasOwn(names, name)),
  });
  wrapped.set(real, proxy);
  // So that what the SDK gives back again, and what is given back to it, is the same object.
  wrapped.set(proxy, proxy);
  owners.set(proxy, owner);
  return proxy;
}

type Call = (...args: unknown[]) => unknown;

function later(name: string, real: Call, owner: Any): Call {
  return async (...args) => {
    const scope = scopeIfAny();
    await scope?.faults.settled();
    if (!naming.test(name)) return dressed(await call(real, args), owner);
    await scope?.poolReady();
    return dressed(await withStandIns(name, args, (given) => call(real, given)), owner);
  };
}

function call(real: Call, args: readonly unknown[]): unknown {
  return real(...args);
}

function bound(target: Any, found: unknown): unknown {
  // A getter's own `this` is the real object: the SDK's fields are private.
  return typeof found === "function" ? (found as Call).bind(target) : found;
}

/** Conversations in a result get the names too, one by one or in a list, now or by a promise. */
function dressed(result: unknown, owner: Any): unknown {
  if (Array.isArray(result)) return result.map((one: unknown) => dressed(one, owner));
  return isConversation(result) ? wrap(result, conversationNames, owner) : result;
}

function isObject(found: unknown): found is Any {
  return typeof found === "object" && found !== null;
}

function isConversation(found: unknown): found is Any {
  return isObject(found) && typeof found["id"] === "string" && typeof found["sync"] === "function";
}
