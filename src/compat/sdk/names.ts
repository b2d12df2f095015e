import { verbFor } from "./send-content.js";
import { stream } from "./streams.js";

/** An object of the SDK, whatever its version. */
export type Any = Record<string, unknown>;
type Call = (...args: unknown[]) => unknown;

/** What a name of one SDK generation means on an object of another; `real` is the SDK's own object. */
export type Names = Readonly<Record<string, (real: Any) => unknown>>;

/** The SDK's own method, bound; undefined where this version has none. */
function method(real: Any, name: string): Call | undefined {
  const found = real[name];
  return typeof found === "function" ? (found as Call).bind(real) : undefined;
}

/** The first of these methods that the version has. */
const either =
  (...names: string[]) =>
  (real: Any): unknown =>
    names.map((name) => method(real, name)).find((found) => found !== undefined);

/** A method of one version that is a property in another. */
const value =
  (property: string, listed: string) =>
  (real: Any): unknown =>
    method(real, listed)?.() ?? real[property];

const asMethod =
  (name: string) =>
  (real: Any): unknown =>
    method(real, name) ?? (() => real[name]);

/** 4.x `inboxState(true)` asks the network; later versions have a method for it. */
const inboxState = (real: Any): unknown => {
  const fetch = method(real, "fetchInboxState");
  const local = method(real, "inboxState");
  return (refresh?: boolean) => (refresh === true && fetch ? fetch() : local?.(refresh));
};

const inboxStates = (real: Any): unknown => {
  const old = method(real, "inboxStateFromInboxIds");
  const fetch = method(real, "fetchInboxStates");
  const local = method(real, "getInboxStates");
  return (ids: unknown, refresh?: boolean) =>
    old ? old(ids, refresh) : refresh === true || !local ? fetch?.(ids) : local(ids);
};

export const clientNames: Names = {
  getInboxIdByIdentifier: either("getInboxIdByIdentifier", "fetchInboxIdByIdentifier"),
  fetchInboxIdByIdentifier: either("fetchInboxIdByIdentifier", "getInboxIdByIdentifier"),
  getKeyPackageStatusesForInstallationIds: either(
    "getKeyPackageStatusesForInstallationIds",
    "fetchKeyPackageStatuses",
  ),
  fetchKeyPackageStatuses: either("fetchKeyPackageStatuses", "getKeyPackageStatusesForInstallationIds"),
  requestHistorySync: either("requestHistorySync", "sendSyncRequest"),
  version: (real) => real["libxmtpVersion"] ?? real["version"],
};

export const preferencesNames: Names = {
  inboxState,
  fetchInboxState: (real) => method(real, "fetchInboxState") ?? (() => method(real, "inboxState")?.(true)),
  inboxStateFromInboxIds: inboxStates,
  fetchInboxStates: (real) => (ids: unknown) => (inboxStates(real) as Call)(ids, true),
  getLatestInboxState: (real) => async (id: string) => {
    const states = (await (inboxStates(real) as Call)([id], true)) as unknown[];
    return states[0];
  },
  streamConsent: stream("streamConsent"),
  streamPreferences: stream("streamPreferences"),
};

export const conversationsNames: Names = {
  newGroup: either("newGroup", "createGroup"),
  createGroup: either("createGroup", "newGroup"),
  newDm: either("newDm", "createDm"),
  createDm: either("createDm", "newDm"),
  newGroupWithIdentifiers: either("newGroupWithIdentifiers", "createGroupWithIdentifiers"),
  createGroupWithIdentifiers: either("createGroupWithIdentifiers", "newGroupWithIdentifiers"),
  newDmWithIdentifier: either("newDmWithIdentifier", "createDmWithIdentifier"),
  createDmWithIdentifier: either("createDmWithIdentifier", "newDmWithIdentifier"),
  newGroupOptimistic: either("newGroupOptimistic", "createGroupOptimistic"),
  getDmByIdentifier: either("getDmByIdentifier", "fetchDmByIdentifier"),
  fetchDmByIdentifier: either("fetchDmByIdentifier", "getDmByIdentifier"),
  stream: stream("stream"),
  streamGroups: stream("streamGroups"),
  streamDms: stream("streamDms"),
  streamAllMessages: stream("streamAllMessages"),
  streamAllGroupMessages: stream("streamAllGroupMessages"),
  streamAllDmMessages: stream("streamAllDmMessages"),
};

export const conversationNames: Names = {
  /** Text, as 4.x takes it, or what this version takes itself. */
  send: (real) => (content: unknown, how?: unknown) => {
    const text = method(real, "sendText");
    const send = method(real, "send");
    if (typeof content === "string" && text) return text(content);
    const verb = verbFor(how);
    const special = verb && method(real, verb.name);
    return special ? special(...verb.of(content)) : send?.(content, how);
  },
  sendText: (real) => method(real, "sendText") ?? ((text: unknown) => method(real, "send")?.(text)),
  admins: value("admins", "listAdmins"),
  superAdmins: value("superAdmins", "listSuperAdmins"),
  listAdmins: (real) => method(real, "listAdmins") ?? (() => real["admins"]),
  listSuperAdmins: (real) => method(real, "listSuperAdmins") ?? (() => real["superAdmins"]),
  consentState: asMethod("consentState"),
  stream: stream("stream"),
};
