import { create } from "@bufbuild/protobuf";
import { startNode } from "#src/network/index.js";
import { contents, identity, mls } from "#src/network/proto/index.js";
import { RawClient } from "../network/grpc-client.js";
import { newClient, newSigner } from "../network/sdk-client.js";
import { newData, newGroup } from "./target.js";

/** What a real SDK client sent, each as the request that carried it. */
export interface Captured {
  readonly groupMessage: mls.SendGroupMessagesRequest;
  readonly commit: mls.SendGroupMessagesRequest;
  readonly welcome: mls.SendWelcomeMessagesRequest;
  readonly symmetricWelcome: mls.SendWelcomeMessagesRequest;
  readonly pointer: mls.SendWelcomeMessagesRequest;
  readonly keyPackage: mls.UploadKeyPackageRequest;
  /** Wallet creates and adds its first installation, wallet adds a second one, wallet revokes that. */
  readonly identityUpdates: readonly identity.PublishIdentityUpdateRequest[];
  /** Made by hand: clients publish theirs minutes apart, and the node reads no byte of it. */
  readonly commitLog: mls.BatchPublishCommitLogRequest;
}

/** Lets real clients register, join groups and talk, and reads from the node all that they sent. */
export async function capture(): Promise<Captured> {
  await using node = await startNode();
  await using raw = new RawClient(node.url);
  const signer = newSigner();
  const first = await newClient(node, { signer });
  const second = await newClient(node, { signer });
  await first.revokeAllOtherInstallations();
  const peers = await Promise.all(Array.from({ length: 4 }, () => newClient(node)));
  const group = await first.conversations.createGroup(peers.map(({ inboxId }) => inboxId));
  await group.sendText("hello");
  const lonely = await newClient(node);
  const dm = await first.conversations.createDm(lonely.inboxId);
  await dm.sendText("hello");

  const { queryGroupMessages, queryWelcomeMessages, fetchKeyPackages } = mls.MlsApi.method;
  const key = (id: string): Buffer => Buffer.from(id, "hex");
  const { messages } = await raw.ok(queryGroupMessages, { groupId: key(group.id) });
  const values = messages.map(({ version }) => version.value as mls.GroupMessage_V1);
  const message = (isCommit: boolean): mls.SendGroupMessagesRequest => {
    const { data, senderHmac, shouldPush } = some(values.find((value) => value.isCommit === isCommit));
    const value = { data, senderHmac, shouldPush };
    return create(mls.SendGroupMessagesRequestSchema, { messages: [{ version: { case: "v1", value } }] });
  };
  const welcomesOf = async (installationKey: Uint8Array) =>
    (await raw.ok(queryWelcomeMessages, { installationKey })).messages.map(({ version }) => version);
  const send = (version: mls.WelcomeMessage["version"] | undefined): mls.SendWelcomeMessagesRequest => {
    const { $typeName: _, ...value } = some(version?.value);
    const input = { case: version?.case, value } as unknown as mls.WelcomeMessageInput["version"];
    return create(mls.SendWelcomeMessagesRequestSchema, { messages: [{ version: input }] });
  };
  const [pointer] = await welcomesOf(key(some(peers[0]).installationId));
  const [welcome] = await welcomesOf(key(lonely.installationId));
  const { responses } = await raw.ok(identity.IdentityApi.method.getIdentityUpdates, {
    requests: [{ inboxId: first.inboxId }],
  });
  const { keyPackages } = await raw.ok(fetchKeyPackages, { installationKeys: [key(second.installationId)] });
  return {
    groupMessage: message(false),
    commit: message(true),
    welcome: send(welcome),
    symmetricWelcome: symmetric(send(welcome)),
    pointer: send(pointer),
    keyPackage: create(mls.UploadKeyPackageRequestSchema, {
      keyPackage: some(keyPackages[0]),
      isInboxIdCredential: true,
    } as object),
    identityUpdates: some(responses[0]).updates.map(({ update }) =>
      create(identity.PublishIdentityUpdateRequestSchema, { identityUpdate: some(update) }),
    ),
    commitLog: create(mls.BatchPublishCommitLogRequestSchema, {
      requests: [
        {
          groupId: newGroup(),
          serializedCommitLogEntry: newData(),
          signature: { bytes: Buffer.alloc(64, 1), publicKey: Buffer.alloc(32, 2) },
        },
      ],
    }),
  };
}

/** The welcome that pointers name has no HPKE key; who it is addressed to is inside the pointer's ciphertext. */
function symmetric(welcome: mls.SendWelcomeMessagesRequest): mls.SendWelcomeMessagesRequest {
  const version = some(welcome.messages[0]).version;
  if (version.case === "v1") {
    version.value.hpkePublicKey = new Uint8Array();
    version.value.wrapperAlgorithm = contents.WelcomeWrapperAlgorithm.SYMMETRIC_KEY;
  }
  return welcome;
}

function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("The SDK did not send what was expected of it.");
  return value;
}
