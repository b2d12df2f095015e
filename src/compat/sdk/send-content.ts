/** What `send(content, type)` of 4.x becomes on a version that has a verb for each type. */
interface Verb {
  readonly name: string;
  /** The verb's arguments. */
  of(content: unknown): readonly unknown[];
}

type Fields = Readonly<Record<string, unknown>>;

const asIs = (name: string): Verb => ({ name, of: (content) => [content] });
const fieldsOf = (content: unknown): Fields =>
  typeof content === "object" && content !== null ? (content as Fields) : {};

/** Words of 4.x for the numbers of the bindings since 5.x; what is a number already stays. */
const actions: Readonly<Record<string, number>> = { unknown: 0, added: 1, removed: 2 };
const schemas: Readonly<Record<string, number>> = { unknown: 0, unicode: 1, shortcode: 2, custom: 3 };

function number(words: Readonly<Record<string, number>>, value: unknown): unknown {
  return typeof value === "string" ? words[value] : value;
}

/** A text as the SDK encodes it; what is encoded already stays. */
function encodedText(content: unknown): unknown {
  if (typeof content !== "string") return content;
  return {
    type: { authorityId: "xmtp.org", typeId: "text", versionMajor: 1, versionMinor: 0 },
    parameters: { encoding: "UTF-8" },
    content: new TextEncoder().encode(content),
  };
}

const verbs: Readonly<Record<string, Verb>> = {
  reaction: {
    name: "sendReaction",
    of: (content) => {
      const { action, schema, referenceInboxId = "", ...rest } = fieldsOf(content);
      return [
        { ...rest, referenceInboxId, action: number(actions, action), schema: number(schemas, schema) },
      ];
    },
  },
  reply: {
    name: "sendReply",
    of: (content) => {
      const { content: text, reference, referenceInboxId } = fieldsOf(content);
      return [
        {
          reference,
          content: encodedText(text),
          ...(referenceInboxId !== undefined && { referenceInboxId }),
        },
      ];
    },
  },
  // It has no content: the verb's only argument is another.
  readReceipt: { name: "sendReadReceipt", of: () => [] },
  attachment: {
    name: "sendAttachment",
    of: (content) => {
      const { data, content: bytes = data, ...rest } = fieldsOf(content);
      return [{ ...rest, content: bytes }];
    },
  },
  remoteStaticAttachment: asIs("sendRemoteAttachment"),
  multiRemoteStaticAttachment: asIs("sendMultiRemoteAttachment"),
  transactionReference: asIs("sendTransactionReference"),
};

/** The verb for a content type; undefined for types that have none. */
export function verbFor(type: unknown): Verb | undefined {
  return verbs[String(fieldsOf(type)["typeId"])];
}
