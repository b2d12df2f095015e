import { clone, equals, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { Code, startNode } from "#src/network/index.js";
import type { EmbeddedNode } from "#src/network/index.js";
import { associations, identity, mls } from "#src/network/proto/index.js";
import { RawClient } from "../network/grpc-client.js";
import type { TypedMethod } from "../network/grpc-client.js";
import { capture } from "./captured.js";
import type { Captured } from "./captured.js";
import { bentBytes, fieldPaths, mutated } from "./mutate.js";
import type { Draw } from "./mutate.js";
import { counts } from "./target.js";
import { keyPackageFields, privateMessageFields } from "./tls-fields.js";

/**
 * Each single-field mutation of what a real SDK client sent is refused with the documented code, and nothing is stored.
 * What the real node does not check either is listed with the reason, and must then be accepted: a gap cannot hide.
 */

/** Mutations of each field: how many fast-check draws. */
const RUNS = 12;
const draws = fc.record({ how: fc.nat(59), at: fc.nat(100_000), by: fc.nat(100_000) });
/** The first of them: each way once, so that chance does not decide which is met. */
const examples = [0, 1, 2, 3, 4].map((how): [Draw] => [{ how, at: 200, by: 1 }]);

/** A field that nobody checks, the reason, and, where only some of its values pass, which. */
interface Unchecked<M> {
  readonly field: RegExp;
  readonly why: string;
  readonly passes?: (changed: M) => boolean;
}

interface Payload<I extends DescMessage> {
  readonly method: TypedMethod<I, DescMessage>;
  readonly message: MessageShape<I>;
  readonly unchecked: readonly Unchecked<MessageShape<I>>[];
  /** Default INVALID_ARGUMENT. */
  readonly code?: (path: string, changed: MessageShape<I>) => number;
  /** What must be on the node first. */
  readonly before?: readonly MessageShape<I>[];
  /** What is accepted changes what is refused next: it goes to a node of its own, twice for each field. */
  readonly changesState?: true;
}

// One process captures once.
test.describe.configure({ mode: "default" });
let captured: Captured;
test.beforeAll(async () => {
  captured = await capture();
});

async function withNode<T>(use: (node: EmbeddedNode, raw: RawClient) => Promise<T>): Promise<T> {
  await using node = await startNode();
  await using raw = new RawClient(node.url);
  return await use(node, raw);
}

/** Sends every mutation of every field; each verdict must be as the payload says. */
async function everyField<I extends DescMessage>(payload: Payload<I>): Promise<void> {
  test.setTimeout(180_000);
  const { method, message, unchecked, before = [] } = payload;
  const paths = fieldPaths(method.input, message);
  const used = new Set<Unchecked<MessageShape<I>>>();
  const prepare = async (raw: RawClient): Promise<void> => {
    for (const earlier of before) await raw.ok(method, earlier as never);
  };
  const send = (raw: RawClient, changed: MessageShape<I>) => raw.call(method, changed as never);
  await withNode(async (node, raw) => {
    await prepare(raw);
    for (const path of paths) {
      let accepted = 0;
      await fc.assert(
        fc.asyncProperty(draws, async (draw) => {
          const changed = mutated(method.input, message, path, draw);
          fc.pre(!equals(method.input, message, changed));
          const letThrough = unchecked.find(
            ({ field, passes }) => field.test(path) && (passes?.(changed) ?? true),
          );
          if (letThrough) {
            used.add(letThrough);
            accepted++;
            if (payload.changesState && accepted > 2) return;
            const outcome = payload.changesState
              ? await withNode(async (_, fresh) => {
                  await prepare(fresh);
                  return send(fresh, changed);
                })
              : await send(raw, changed);
            expect(outcome, `${path}, which nobody checks: ${letThrough.why}`).toMatchObject({
              status: Code.OK,
            });
            return;
          }
          const rows = await counts({ node, url: node.url });
          const outcome = await send(raw, changed);
          const code = payload.code?.(path, changed) ?? Code.INVALID_ARGUMENT;
          expect(outcome.status, `${path}: ${outcome.message}`).toBe(code);
          expect(outcome.message).not.toBe("");
          expect(await counts({ node, url: node.url }), `${path} was stored`).toEqual(rows);
        }),
        { numRuns: RUNS, examples, maxSkipsPerRun: 1_000, endOnFailure: true },
      );
    }
    expect(await send(raw, message), "unchanged it is accepted, after all that").toMatchObject({
      status: Code.OK,
    });
  });
  expect(
    unchecked.filter((one) => !used.has(one)).map(({ field }) => field),
    "listed, but never met",
  ).toEqual([]);
}

const { method: mlsMethod } = mls.MlsApi;
const isPrivateMessage = (bytes: Uint8Array): boolean => {
  try {
    return privateMessageFields(bytes).length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};
const dataOf = ({ messages }: mls.SendGroupMessagesRequest) => {
  const version = messages[0]?.version;
  return version?.case === "v1" ? version.value.data : undefined;
};

for (const kind of ["groupMessage", "commit"] as const) {
  test(`${kind}: every protobuf field`, async () => {
    await everyField({
      method: mlsMethod.sendGroupMessages,
      message: captured[kind],
      unchecked: [
        {
          field: /^messages$/,
          why: "a message twice is a duplicate, accepted and stored once",
          passes: ({ messages }) => messages.length > 1,
        },
        {
          field: /\.data$/,
          why: "the MLS framing holds; the rest is encrypted",
          passes: (changed) => isPrivateMessage(dataOf(changed) ?? new Uint8Array()),
        },
        { field: /sender_hmac$/, why: "an opaque tag for push servers" },
        { field: /should_push$/, why: "a hint for push servers" },
      ],
    });
  });

  test(`${kind}: every TLS field, and any bits`, async () => {
    test.setTimeout(180_000);
    const data = dataOf(captured[kind]) ?? new Uint8Array();
    const fields = privateMessageFields(data);
    /** Fields whose value no node can check; lengths and the rest stand or fall with the structure. */
    const open: Record<string, string> = {
      "group id": "any group may be written to: membership is known to its members only",
      epoch: "the group's epoch is known to its members only",
      "authenticated data": "authenticated by the ciphertext",
      "encrypted sender data": "ciphertext",
      ciphertext: "ciphertext",
    };
    await withNode(async (node, raw) => {
      const check = async (bytes: Uint8Array, name: string): Promise<void> => {
        const rows = await counts({ node, url: node.url });
        const messages = [{ version: { case: "v1" as const, value: { data: bytes } } }];
        const { status, message } = await raw.call(mlsMethod.sendGroupMessages, { messages });
        const good = isPrivateMessage(bytes);
        expect(status, `${name}: ${message}`).toBe(good ? Code.OK : Code.INVALID_ARGUMENT);
        if (!good) expect(await counts({ node, url: node.url }), `${name} was stored`).toEqual(rows);
        if (name in open) expect(good, `${name} is checked by nobody: ${open[name]}`).toBe(true);
      };
      // Wire format 1 is left out: a PublicMessage, which no XMTP client sends; the node reads its head only.
      const bent = (bytes: Uint8Array, from: number, to: number) => (draw: { at: number; by: number }) => {
        const copy = Uint8Array.from(bytes);
        const where = from + (draw.at % (to - from));
        copy[where] = (copy[where] ?? 0) ^ (1 + (draw.by % 255));
        return copy;
      };
      for (const { name, from, to } of fields) {
        await fc.assert(
          fc.asyncProperty(draws, async (draw) => {
            const bytes = bent(data, from, to)(draw);
            fc.pre(!(bytes[2] === 0 && bytes[3] === 1));
            await check(bytes, name);
          }),
          { numRuns: RUNS * 2, endOnFailure: true },
        );
      }
      const anyBits = fc.array(draws, { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(anyBits, async (list) => {
          const bytes = list.reduce<Uint8Array>(
            (now, draw) => (now.length > 4 ? bentBytes(now, { ...draw, how: draw.how % 3 }) : now),
            data,
          );
          fc.pre(!(bytes[2] === 0 && bytes[3] === 1));
          await check(bytes, "any bits");
        }),
        { numRuns: 300, endOnFailure: true },
      );
    });
    expect(fields.map(({ name }) => name)).toEqual(
      expect.arrayContaining(Object.keys(open).filter((name) => name !== "authenticated data")),
    );
  });
}

const opaque = [
  { field: /installation_key$/, why: "recipients need not exist" },
  { field: /hpke_public_key$/, why: "the recipient's affair" },
  { field: /\.data$/, why: "ciphertext" },
  { field: /welcome_metadata$/, why: "ciphertext" },
];
const filled = (field: RegExp, changed: mls.SendWelcomeMessagesRequest): boolean => {
  const { value } = changed.messages[0]?.version ?? {};
  const name = field.source
    .replace(/^\\\.|\$$/g, "")
    .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return ((value as unknown as Record<string, Uint8Array> | undefined)?.[name]?.length ?? 0) > 0;
};
const twice = {
  field: /^messages$/,
  why: "a welcome twice is a duplicate, accepted and stored once",
  passes: ({ messages }: mls.SendWelcomeMessagesRequest) => messages.length > 1,
};

for (const kind of ["welcome", "symmetricWelcome"] as const) {
  test(`${kind}: every field`, async () => {
    const symmetric = kind === "symmetricWelcome";
    await everyField({
      method: mlsMethod.sendWelcomeMessages,
      message: captured[kind],
      unchecked: [
        twice,
        ...opaque.map((one) => ({
          ...one,
          passes: (changed: mls.SendWelcomeMessagesRequest) =>
            one.field.source.startsWith("welcome_metadata") ||
            (symmetric && one.field.source.startsWith("hpke")) ||
            filled(one.field, changed),
        })),
        // A symmetric welcome has no HPKE key, and every other algorithm wants one.
        ...(symmetric ? [] : [{ field: /wrapper_algorithm$/, why: "the recipient's affair" }]),
      ],
    });
  });
}

test("pointer: every field", async () => {
  await everyField({
    method: mlsMethod.sendWelcomeMessages,
    message: captured.pointer,
    unchecked: [
      twice,
      ...[...opaque.slice(0, 2), { field: /\.welcome_pointer\.welcome_pointer$/, why: "ciphertext" }].map(
        (one) => ({
          ...one,
          passes: (changed: mls.SendWelcomeMessagesRequest) => {
            const version = changed.messages[0]?.version;
            if (version?.case !== "welcomePointer") return false;
            const { installationKey, hpkePublicKey, welcomePointer } = version.value;
            return [installationKey, hpkePublicKey, welcomePointer].every(({ length }) => length > 0);
          },
        }),
      ),
    ],
  });
});

test("key package: every protobuf field", async () => {
  await everyField({
    method: mlsMethod.uploadKeyPackage,
    message: captured.keyPackage,
    unchecked: [{ field: /is_inbox_id_credential$/, why: "a flag of older clients, ignored" }],
  });
});

test("key package: every TLS field, and any bits", async () => {
  test.setTimeout(180_000);
  const bytes = captured.keyPackage.keyPackage?.keyPackageTlsSerialized ?? new Uint8Array();
  const fields = keyPackageFields(bytes);
  expect(fields.length, "nested fields too").toBeGreaterThan(40);
  await withNode(async (node, raw) => {
    const refused = async (changed: Uint8Array, name: string): Promise<void> => {
      const { status, message } = await raw.call(mlsMethod.uploadKeyPackage, {
        keyPackage: { keyPackageTlsSerialized: changed },
      });
      expect(status, name).toBe(Code.INVALID_ARGUMENT);
      expect(message, name).toMatch(
        /^invalid identity: validation failed with error XMTP Key Package failed ./,
      );
      expect((await node.stats()).keyPackages, `${name} was stored`).toBe(0);
    };
    for (const { name, from, to } of fields) {
      await fc.assert(
        fc.asyncProperty(draws, async ({ at, by }) => {
          const copy = Uint8Array.from(bytes);
          const where = from + (at % (to - from));
          copy[where] = (copy[where] ?? 0) ^ (1 + (by % 255));
          await refused(copy, name);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    }
    await fc.assert(
      fc.asyncProperty(draws, async (draw) => refused(bentBytes(bytes, draw), "any bits")),
      { numRuns: 200, endOnFailure: true },
    );
    await raw.ok(mlsMethod.uploadKeyPackage, captured.keyPackage);
  });
});

const { PASSKEY } = associations.IdentifierKind;
const SECOND = 1_000_000_000n;
for (const [at, what] of [
  "a wallet creates the inbox and adds an installation",
  "the wallet adds a second installation",
  "the wallet revokes it",
].entries()) {
  test(`identity update, every field: ${what}`, async () => {
    const message = captured.identityUpdates[at];
    if (!message) throw new Error("The SDK published fewer updates.");
    const time = message.identityUpdate?.clientTimestampNs ?? 0n;
    const first = at === 0;
    type Request = identity.PublishIdentityUpdateRequest;
    await everyField<typeof identity.PublishIdentityUpdateRequestSchema>({
      method: identity.IdentityApi.method.publishIdentityUpdate,
      message,
      before: captured.identityUpdates.slice(0, at),
      changesState: true,
      code: (path, { identityUpdate }) => {
        const inboxId = identityUpdate?.inboxId ?? "";
        if (path === "identity_update") return Code.UNKNOWN;
        const hex = /^([0-9a-f]{2})*$/i.test(inboxId);
        return path === "identity_update.inbox_id" && !hex ? Code.UNKNOWN : Code.INVALID_ARGUMENT;
      },
      unchecked: [
        {
          field: /client_timestamp_ns$/,
          why: "the signed text has whole seconds",
          passes: ({ identityUpdate }: Request) =>
            (identityUpdate?.clientTimestampNs ?? 0n) / SECOND === time / SECOND,
        },
        ...(at < 2
          ? [{ field: /relying_party$/, why: "no part of a passkey's identity, and not signed" }]
          : []),
        ...(first
          ? [
              {
                field: /initial_identifier_kind$/,
                why: "what is not a passkey is Ethereum: older clients leave the kind out",
                passes: ({ identityUpdate }: Request) => {
                  const kind = identityUpdate?.actions[0]?.kind;
                  return kind?.case === "createInbox" && kind.value.initialIdentifierKind !== PASSKEY;
                },
              },
            ]
          : [
              {
                field: /actions$/,
                why: "an update of nothing has nothing to sign; it changes nothing",
                passes: ({ identityUpdate }: Request) => identityUpdate?.actions.length === 0,
              },
            ]),
      ],
    });
  });
}

test("commit log: every field", async () => {
  await everyField({
    method: mlsMethod.batchPublishCommitLog,
    message: captured.commitLog,
    unchecked: [
      {
        field: /^requests$/,
        why: "there is no check for duplicates",
        passes: ({ requests }) => requests.length > 1,
      },
      {
        field: /group_id$/,
        why: "any group may be written to",
        passes: ({ requests }) => (requests[0]?.groupId.length ?? 0) > 0,
      },
      {
        field: /serialized_commit_log_entry$/,
        why: "not read",
        passes: ({ requests }) => (requests[0]?.serializedCommitLogEntry.length ?? 0) > 0,
      },
      { field: /signature\./, why: "not verified" },
    ],
  });
});

test("the mutations reach every field, and each one changes the message", () => {
  const { input } = identity.IdentityApi.method.publishIdentityUpdate;
  const message = captured.identityUpdates[0] as identity.PublishIdentityUpdateRequest;
  const paths = fieldPaths(input, message);
  expect(paths).toEqual(
    expect.arrayContaining([
      "identity_update",
      "identity_update.actions",
      "identity_update.actions[0].create_inbox.initial_identifier",
      "identity_update.actions[0].create_inbox.initial_identifier_signature.erc_191.bytes",
      "identity_update.actions[1].add.new_member_signature.installation_key.public_key",
      "identity_update.actions[1].add.new_member_identifier.installation_public_key",
      "identity_update.client_timestamp_ns",
      "identity_update.inbox_id",
    ]),
  );
  const bytes = Buffer.from(toBinary(input, message));
  for (const path of paths) {
    const changed = mutated(input, message, path, { how: 0, at: 0, by: 1 });
    expect(Buffer.from(toBinary(input, changed)), path).not.toEqual(bytes);
  }
  expect(Buffer.from(toBinary(input, clone(input, message))), "the original is left as it was").toEqual(
    bytes,
  );
});
