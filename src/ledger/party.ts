import { XmtpTestError } from "../errors.js";

/** Someone with an inbox: an inbox id, or a worker, app or page, whose name failure texts then show. */
export type InboxLike = string | { readonly inboxId: string; readonly name?: string };

/** A conversation, or its id. */
export type ConversationLike = string | { readonly id: string };

/** The inbox id of a party, or the id itself. @throws XmtpTestError `INVALID_ARGUMENT` */
export function inboxOf(who: InboxLike): string {
  const inboxId: unknown =
    typeof who === "string" ? who : (who as { inboxId?: unknown } | undefined)?.inboxId;
  if (typeof inboxId === "string" && inboxId !== "") return inboxId;
  const name: unknown = (who as { name?: unknown } | undefined)?.name;
  if (inboxId === "" && typeof name === "string") {
    throw new XmtpTestError(
      "INVALID_ARGUMENT",
      `${name} has no inbox yet: nothing has registered over its line.`,
      `Wait until it has: await expect.poll(() => ${name}.inboxId).not.toBe("").`,
    );
  }
  throw new XmtpTestError(
    "INVALID_ARGUMENT",
    `${describe(who)} has no inbox.`,
    "Give an inbox id, or a worker or app that has one.",
  );
}

/** The name of a party where there is one, else the inbox id. */
export function labelOf(who: InboxLike): string {
  return typeof who === "string" ? who : (who.name ?? who.inboxId);
}

/** The id of a conversation, or the id itself. @throws XmtpTestError `INVALID_ARGUMENT` */
export function conversationIdOf(conversation: ConversationLike): string {
  const id: unknown =
    typeof conversation === "string" ? conversation : (conversation as { id?: unknown } | undefined)?.id;
  if (typeof id === "string" && id !== "") return id;
  throw new XmtpTestError(
    "INVALID_ARGUMENT",
    `${describe(conversation)} is not a conversation.`,
    "Give a conversation of the SDK, or its id.",
  );
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return `An object with ${Object.keys(value).join(", ") || "no fields"}`;
}
