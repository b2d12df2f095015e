import { errorText } from "../../errors.js";
import type { ConsentValue } from "../../ledger/events.js";
import type { ConversationSnapshot, ForkStatus, MemberSnapshot } from "../../ledger/snapshot.js";
import type { Binding } from "./loading/binding.js";
import { listAll } from "./listing.js";
import { toSdkMessage } from "./messages.js";
import type { AnyClient, AnyConversation, AnyDebugInfo } from "./shapes.js";

export const consentValues: readonly ConsentValue[] = ["unknown", "allowed", "denied"];
const permissions: readonly MemberSnapshot["permission"][] = ["member", "admin", "super_admin"];

/**
 * `isCommitLogForked` is the outcome of comparing this installation's commit log with the network's; absent:
 * never done. Measured with 5.5.0: a background worker does so at client creation and every 5 minutes, after
 * publishing its own log if it is super admin, and only in conversations whose consent is "allowed". The
 * outcome is not taken back by later commits: `false` counts as long as the compared log reaches the present
 * epoch. `maybeForked` is a suspicion raised while messages were processed; only its `true` says something.
 */
function forkStatus(info: AnyDebugInfo): ForkStatus {
  if (info.maybeForked || info.isCommitLogForked === true) return "forked";
  const compared = lastApplied(info.remoteCommitLog)?.epoch === String(info.epoch);
  return info.isCommitLogForked === false && compared ? "healthy" : "unknown";
}

/** Epoch and authenticator of the last entry of a commit log, as the SDK prints it. */
function lastApplied(log = ""): { epoch: string; authenticator: string } | undefined {
  const entries = /applied_epoch_number: (\d+), applied_epoch_authenticator: "([0-9a-f]+)/g;
  const last = [...log.matchAll(entries)].at(-1);
  return last && { epoch: last[1] ?? "", authenticator: last[2] ?? "" };
}

/** The authenticator of the present epoch, from the installation's own log. */
function epochAuthenticator(info: AnyDebugInfo): string | undefined {
  const last = lastApplied(info.localCommitLog);
  return last?.epoch === String(info.epoch) ? last.authenticator : undefined;
}

/** A getter in one version, a method in another. */
export const valueOf = <T>(member: T | (() => T), owner: object): T =>
  typeof member === "function" ? (member as () => T).call(owner) : member;

/** A group made by 4.4 has no such field; newer versions then throw instead of giving an empty one. */
function appDataOf(conversation: AnyConversation): string {
  try {
    return conversation.appData ?? "";
  } catch (error) {
    if (errorText(error).includes("missing extension")) return "";
    throw error;
  }
}

const consentOf = (conversation: AnyConversation): ConsentValue =>
  consentValues[valueOf(conversation.consentState, conversation)] ?? "unknown";

/** Members of a conversation, with what they may do. */
export async function membersOf(conversation: AnyConversation): Promise<MemberSnapshot[]> {
  const members = (await conversation.members()).map(({ inboxId, permissionLevel }) => ({
    inboxId,
    permission: permissions[permissionLevel] ?? "member",
  }));
  // From 6.1 on the SDK lists them in another order from call to call.
  return members.sort((a, b) => (a.inboxId < b.inboxId ? -1 : 1));
}

/** One conversation as this installation's database has it now. */
export async function takeSnapshot(
  client: AnyClient,
  binding: Binding,
  conversation: AnyConversation | undefined,
  conversationId: string,
): Promise<Omit<ConversationSnapshot, "worker">> {
  const whose = { inboxId: client.inboxId, installationId: client.installationId, conversationId };
  if (conversation === undefined) {
    return { ...whose, ...nothing };
  }
  const [info, members, messages] = await Promise.all([
    conversation.debugInfo(),
    membersOf(conversation),
    listAll(client, binding, conversation),
  ]);
  const authenticator = epochAuthenticator(info);
  const metadata = {
    name: conversation.name ?? "",
    description: conversation.description ?? "",
    imageUrl: conversation.imageUrl ?? "",
    appData: appDataOf(conversation),
  };
  return {
    ...whose,
    known: true,
    active: valueOf(conversation.isActive, conversation),
    epoch: Number(info.epoch),
    members,
    admins: conversation.listAdmins?.() ?? conversation.admins ?? [],
    superAdmins: conversation.listSuperAdmins?.() ?? conversation.superAdmins ?? [],
    metadata,
    consent: consentOf(conversation),
    messages: messages
      .map(toSdkMessage)
      .map(({ id, senderInboxId, contentType, kind, payload, sentAtNs }) => ({
        id,
        senderInboxId,
        contentType,
        kind,
        payloadHash: payload.hash,
        sentAtNs,
      })),
    fork: forkStatus(info),
    forkDetail: info.forkDetails,
    ...(authenticator !== undefined && { epochAuthenticator: authenticator }),
  };
}

const nothing = {
  known: false,
  active: false,
  epoch: 0,
  members: [],
  admins: [],
  superAdmins: [],
  metadata: {},
  consent: "unknown",
  messages: [],
  fork: "unknown",
  forkDetail: "",
} as const;
