import type { Binding } from "./loading/binding.js";
import { flatten, insertByTime } from "./messages.js";
import type { AnyClient, AnyConversation, AnyMessage } from "./shapes.js";

/** A native conversation, by its names up to 5.5 and from 6.0 on. */
interface NativeConversation {
  findMessages?(options?: object): Promise<readonly { readonly id: string }[]>;
  listMessages?(options?: object): Promise<readonly { readonly id: string }[]>;
}
interface NativeFinder {
  findGroupById?(id: string): NativeConversation;
  getConversationById?(id: string): NativeConversation;
}

/**
 * All messages of a conversation in the database, in the SDK's own order, which is oldest first where it is right.
 *
 * From 5.x on the SDK's own list leaves some out: reactions are inside the message they belong to, read
 * receipts nowhere. Where its own count is higher than its list, the native list names the rest.
 *
 * @param insertedAfterMs Unix milliseconds; only messages stored later
 */
export async function listAll(
  client: AnyClient,
  binding: Binding,
  conversation: AnyConversation,
  insertedAfterMs?: number,
): Promise<AnyMessage[]> {
  const after = insertedAfterMs === undefined ? undefined : BigInt(Math.floor(insertedAfterMs)) * 1_000_000n;
  const options = after === undefined ? undefined : await insertedAfter(conversation, after);
  const listed = flatten(await conversation.messages(options));
  const found = options === undefined || "insertedAfterNs" in options ? listed : sentAfter(listed, after);
  const count = await conversation.countMessages?.(options);
  if (count === undefined || Number(count) <= found.length) return found;
  const finder = binding.conversations as unknown as NativeFinder;
  const native = finder.findGroupById?.(conversation.id) ?? finder.getConversationById?.(conversation.id);
  const ids = (await (native?.findMessages?.(options) ?? native?.listMessages?.(options))) ?? [];
  const known = new Set(found.map(({ id }) => id));
  const rest = ids.flatMap(({ id }) =>
    known.has(id) ? [] : (client.conversations.getMessageById(id) ?? []),
  );
  return insertByTime(found, flatten(rest));
}

const sentAfter = (messages: AnyMessage[], ns = 0n): AnyMessage[] =>
  messages.filter((message) => BigInt(message.sentAtNs) > ns);

/**
 * The SDK's filter by insertion time, which 4.4 lacks and ignores: a version that lists something inserted
 * in the far future does not know it, and gets none. 64-bit integers are numbers in 4.x and bigints later; a
 * conversation's own time tells which.
 */
async function insertedAfter(conversation: AnyConversation, ns: bigint): Promise<object> {
  const integer = (value: bigint): bigint | number =>
    typeof conversation.createdAtNs === "bigint" ? value : Number(value);
  const never = { insertedAfterNs: integer(2n ** 62n), limit: 1 };
  const ignored = (await conversation.messages(never)).length > 0;
  return ignored ? {} : { insertedAfterNs: integer(ns) };
}
