/**
 * The SDK's enums as plain objects: it declares them `const enum`, which isolated modules (and so Playwright) cannot
 * read. The numbers are the bindings' own, from 4.4 to 6.x.
 */
export const ConsentState = { Unknown: 0, Allowed: 1, Denied: 2 } as const;
export const ConsentEntityType = { GroupId: 0, InboxId: 1 } as const;
export const IdentifierKind = { Ethereum: 0, Passkey: 1 } as const;
export const ConversationType = { Dm: 0, Group: 1, Sync: 2, Oneshot: 3 } as const;
export const SortDirection = { Ascending: 0, Descending: 1 } as const;
export const DeliveryStatus = { Unpublished: 0, Published: 1, Failed: 2 } as const;
export const GroupMessageKind = { Application: 0, MembershipChange: 1 } as const;
export const PermissionLevel = { Member: 0, Admin: 1, SuperAdmin: 2 } as const;
export const PermissionUpdateType = {
  AddMember: 0,
  RemoveMember: 1,
  AddAdmin: 2,
  RemoveAdmin: 3,
  UpdateMetadata: 4,
} as const;
export const PermissionPolicy = {
  Allow: 0,
  Deny: 1,
  Admin: 2,
  SuperAdmin: 3,
  DoesNotExist: 4,
  Other: 5,
} as const;
export const MetadataField = {
  AppData: 0,
  Description: 1,
  GroupName: 2,
  GroupImageUrlSquare: 3,
  MessageExpirationFromNs: 4,
  MessageExpirationInNs: 5,
} as const;
export const GroupPermissionsOptions = { Default: 0, AdminOnly: 1, CustomPolicy: 2 } as const;
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
