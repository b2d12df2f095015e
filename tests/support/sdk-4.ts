import { createRequire } from "node:module";

/**
 * The suites speak by the names of node-sdk 5 and later. 4.x has the same calls under older names, so that there they
 * get the newer ones too: each leads to the call that 4.x has, and adds nothing. What 4.x does not have at all is in
 * sdk-differences.ts.
 */

type Method = (this: object, ...args: never[]) => unknown;
type Names = Readonly<Record<string, string>>;

/** For a Playwright process of this repository: as above, where the project's own node-sdk is 4.x. */
export async function speakNewerNames(): Promise<void> {
  const { version } = createRequire(import.meta.url)("@xmtp/node-sdk/package.json") as { version: string };
  if (version.startsWith("4.")) giveNewerNames(await import("@xmtp/node-sdk"));
}

/** By class: the newer name of a call, and what 4.x calls it. */
const renamed: Readonly<Record<string, Names>> = {
  Conversations: {
    createGroup: "newGroup",
    createGroupOptimistic: "newGroupOptimistic",
    createGroupWithIdentifiers: "newGroupWithIdentifiers",
    createDm: "newDm",
    createDmWithIdentifier: "newDmWithIdentifier",
    fetchDmByIdentifier: "getDmByIdentifier",
  },
  Conversation: { hmacKeys: "getHmacKeys" },
  Dm: { duplicateDms: "getDuplicateDms" },
  Client: {
    fetchInboxIdByIdentifier: "getInboxIdByIdentifier",
    fetchKeyPackageStatuses: "getKeyPackageStatusesForInstallationIds",
  },
};

/** By class: a method, and the property that 4.x has in its place. */
const propertiesUpTo4: Readonly<Record<string, Names>> = {
  Conversation: { consentState: "consentState" },
  // 4.4 has no pending removals, under any name.
  Group: {
    isPendingRemoval: "isPendingRemoval",
    listAdmins: "admins",
    listSuperAdmins: "superAdmins",
    permissions: "permissions",
  },
};

interface Class {
  readonly prototype: object;
}

/** Gives the classes of a loaded node-sdk 4.x the newer names as well. */
function giveNewerNames(sdk: Readonly<Record<string, unknown>>): void {
  const classNamed = (name: string): Class => sdk[name] as Class;
  for (const [name, methods] of Object.entries(renamed)) rename(classNamed(name).prototype, methods);
  for (const [name, methods] of Object.entries(propertiesUpTo4)) {
    const { prototype } = classNamed(name);
    for (const [method, property] of Object.entries(methods)) {
      if (!(property in prototype)) continue;
      const read = readerOf(prototype, property);
      define(prototype, method, function (this: object) {
        return read(this);
      });
    }
  }
  rename(classNamed("Client"), { fetchInboxStates: "inboxStateFromInboxIds" });
  sendTextOf(classNamed("Conversation").prototype);
  preferencesOf(classNamed("Client").prototype);
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

/** A property's getter, as a function of its owner. */
function readerOf(prototype: object, property: string): (owner: object) => unknown {
  if (!(property in prototype)) throw new Error(`node-sdk 4 has no property ${property}`);
  // Set aside before something else takes the property's name.
  const own = Object.create(null, {
    [property]: Object.getOwnPropertyDescriptor(prototype, property) ?? {},
  }) as object;
  return (owner) => Reflect.get(own, property, owner) as unknown;
}

function methodOf(target: object, name: string): Method {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== "function") throw new Error(`node-sdk 4 has no ${name}`);
  return method as Method;
}

function rename(target: object, names: Names): void {
  for (const [newer, older] of Object.entries(names)) define(target, newer, methodOf(target, older));
}

/** `sendText(text, optimistic)`: in 4.x two methods, `send` and `sendOptimistic`. */
function sendTextOf(conversation: object): void {
  const send = methodOf(conversation, "send");
  const optimistic = methodOf(conversation, "sendOptimistic");
  define(conversation, "sendText", function (this: object, text: never, later?: boolean) {
    return later === true
      ? new Promise((resolve) => resolve(optimistic.call(this, text)))
      : send.call(this, text);
  });
}

/** The class of `client.preferences` is not exported: its prototype is had from the first one. */
function preferencesOf(client: object): void {
  const read = readerOf(client, "preferences");
  const get = function (this: object): object {
    const preferences = read(this) as { inboxState(refresh: boolean): unknown };
    if ("fetchInboxState" in preferences) return preferences;
    const prototype = Object.getPrototypeOf(preferences) as object;
    const states = methodOf(prototype, "inboxStateFromInboxIds");
    define(prototype, "fetchInboxState", function (this: typeof preferences) {
      return this.inboxState(true);
    });
    define(prototype, "fetchInboxStates", function (this: object, ids: never) {
      return states.call(this, ids, true as never);
    });
    define(prototype, "getInboxStates", function (this: object, ids: never) {
      return states.call(this, ids, false as never);
    });
    return preferences;
  };
  Object.defineProperty(client, "preferences", { get, configurable: true });
}
