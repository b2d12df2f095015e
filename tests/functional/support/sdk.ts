import type {
  Client,
  ConsentEntityType,
  ConsentState,
  GroupPermissionsOptions,
  Identifier,
  IdentifierKind,
  PermissionLevel,
  PermissionPolicy,
  PermissionUpdateType,
  ReactionAction,
  ReactionSchema,
  SortDirection,
} from "@xmtp/node-sdk";
import type { Worker } from "playwright-xmtp";

/* eslint-disable @typescript-eslint/no-unsafe-enum-assignment -- the numbers stand for const enums, see below */
/**
 * The SDK's enums by value: its declarations have `const enum`, which isolated modules cannot read.
 */
export const consent = { unknown: 0 as ConsentState, allowed: 1 as ConsentState, denied: 2 as ConsentState };
export const entity = { conversation: 0 as ConsentEntityType, inbox: 1 as ConsentEntityType };
export const level = {
  member: 0 as PermissionLevel,
  admin: 1 as PermissionLevel,
  superAdmin: 2 as PermissionLevel,
};
export const policy = {
  allow: 0 as PermissionPolicy,
  deny: 1 as PermissionPolicy,
  admin: 2 as PermissionPolicy,
  superAdmin: 3 as PermissionPolicy,
};
export const permissions = {
  default: 0 as GroupPermissionsOptions,
  adminOnly: 1 as GroupPermissionsOptions,
  custom: 2 as GroupPermissionsOptions,
};
export const permissionTo = {
  addMember: 0 as PermissionUpdateType,
  removeMember: 1 as PermissionUpdateType,
  addAdmin: 2 as PermissionUpdateType,
  removeAdmin: 3 as PermissionUpdateType,
  updateMetadata: 4 as PermissionUpdateType,
};
export const reaction = {
  added: 1 as ReactionAction,
  removed: 2 as ReactionAction,
  unicode: 1 as ReactionSchema,
};
export const newestFirst = 1 as SortDirection;
const ethereum = 0 as IdentifierKind;
/* eslint-enable @typescript-eslint/no-unsafe-enum-assignment */

type AnyGroup = Awaited<ReturnType<Client["conversations"]["createGroup"]>>;
type AnyDm = Awaited<ReturnType<Client["conversations"]["createDm"]>>;
type Message = Awaited<ReturnType<AnyGroup["messages"]>>[number];

/** The worker's address as the SDK wants it. */
export const identifierOf = ({ address }: Pick<Worker, "address">): Identifier => ({
  identifier: address,
  identifierKind: ethereum,
});

export const inboxIds = (workers: Iterable<{ readonly inboxId: string }>): string[] =>
  Array.from(workers, ({ inboxId }) => inboxId);

/** The group as this worker has it after a sync of its conversations and of the group. */
export async function groupOf(worker: Worker, id: string): Promise<AnyGroup> {
  const found = await syncedConversation(worker, id);
  if (!("listAdmins" in found)) throw new TypeError(`${id} is not a group.`);
  return found;
}

/** The same for a DM. */
export async function dmOf(worker: Worker, id: string): Promise<AnyDm> {
  const found = await syncedConversation(worker, id);
  if (!("peerInboxId" in found)) throw new TypeError(`${id} is not a DM.`);
  return found;
}

async function syncedConversation(worker: Worker, id: string): Promise<AnyGroup | AnyDm> {
  await worker.client.conversations.sync();
  const found = await worker.client.conversations.getConversationById(id);
  if (!found) throw new Error(`${worker.name} does not have the conversation ${id}.`);
  if (found.isActive) await found.sync();
  return found;
}

/**
 * What the SDK says when the group's policies forbid a change: up to 5.5 the summary of the sync in which its
 * own commit was turned down.
 */
export const denial = /permission|synced \d+ messages/i;

/** Contents of the text messages, oldest first. */
export const textsOf = (messages: readonly Message[]): unknown[] =>
  messages.filter(({ contentType }) => contentType.typeId === "text").map(({ content }) => content);
