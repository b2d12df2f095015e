/**
 * The SDK's enums as plain objects: it declares them `const enum`, which isolated modules (and so Playwright) cannot
 * read. The numbers are the bindings' own, from 4.4 to 6.x.
 */
export const ConsentState = { Unknown: 0, Allowed: 1, Denied: 2 } as const;
/** What a consent is for: a conversation (of either kind) or an inbox. */
export const ConsentEntityType = { GroupId: 0, InboxId: 1 } as const;
/** What an identifier is. `createSigner` makes Ethereum ones. */
export const IdentifierKind = { Ethereum: 0, Passkey: 1 } as const;
/** `Sync` is between a person's own installations. */
export const ConversationType = { Dm: 0, Group: 1, Sync: 2, Oneshot: 3 } as const;
/** Of lists, by time: the oldest first is `Ascending`. */
export const SortDirection = { Ascending: 0, Descending: 1 } as const;
/** Of a message in the sender's own database; not whether anybody received it. */
export const DeliveryStatus = { Unpublished: 0, Published: 1, Failed: 2 } as const;
/** What somebody said, or a change of the group. */
export const GroupMessageKind = { Application: 0, MembershipChange: 1 } as const;
/** A member's standing in a group. */
export const PermissionLevel = { Member: 0, Admin: 1, SuperAdmin: 2 } as const;
/** The action that a group's permission is for; `UpdateMetadata` wants a `MetadataField`. */
export const PermissionUpdateType = {
  AddMember: 0,
  RemoveMember: 1,
  AddAdmin: 2,
  RemoveAdmin: 3,
  UpdateMetadata: 4,
} as const;
/** Who may do it. */
export const PermissionPolicy = {
  Allow: 0,
  Deny: 1,
  Admin: 2,
  SuperAdmin: 3,
  DoesNotExist: 4,
  Other: 5,
} as const;
/** A group's fields that have permissions of their own. */
export const MetadataField = {
  AppData: 0,
  Description: 1,
  GroupName: 2,
  GroupImageUrlSquare: 3,
  MessageExpirationFromNs: 4,
  MessageExpirationInNs: 5,
} as const;
/** A new group's permissions: libxmtp's own, admins only, or a set that is given. */
export const GroupPermissionsOptions = { Default: 0, AdminOnly: 1, CustomPolicy: 2 } as const;
/** Of the client's log; with the lower-case names of 4.x. */
export const LogLevel = {
  Off: "Off",
  Error: "Error",
  Warn: "Warn",
  Info: "Info",
  Debug: "Debug",
  Trace: "Trace",
  // As versions up to 4.x spell them.
  off: "Off",
  error: "Error",
  warn: "Warn",
  info: "Info",
  debug: "Debug",
  trace: "Trace",
} as const;
