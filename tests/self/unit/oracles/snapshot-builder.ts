import type { ConversationSnapshot, SnapshotMessage } from "../../../../src/ledger/snapshot.js";
import { conversation, nanoseconds, payload } from "./ledger-builder.js";

/** A healthy view of the conversation with the messages named; each sent at ledger time 100, 101, … */
export function snapshot(
  worker: string,
  texts: readonly string[] = ["a", "b"],
  values: Partial<ConversationSnapshot> = {},
): ConversationSnapshot {
  return {
    worker,
    inboxId: `inbox-${worker}`,
    installationId: `${worker}-1`,
    conversationId: conversation,
    known: true,
    active: true,
    epoch: 3,
    members: [
      { inboxId: "inbox-alice", permission: "super_admin" },
      { inboxId: "inbox-bob", permission: "member" },
    ],
    admins: ["inbox-bob"],
    superAdmins: ["inbox-alice"],
    metadata: { name: "Picnic" },
    consent: "allowed",
    messages: texts.map((text, index) => message(text, { sentAtNs: nanoseconds(100 + index) })),
    fork: "healthy",
    forkDetail: "",
    ...values,
  };
}

export function message(text: string, values: Partial<SnapshotMessage> = {}): SnapshotMessage {
  return {
    id: `id-${text}`,
    senderInboxId: "inbox-alice",
    contentType: "text",
    kind: "application",
    payloadHash: payload(text).hash,
    sentAtNs: nanoseconds(100),
    ...values,
  };
}
