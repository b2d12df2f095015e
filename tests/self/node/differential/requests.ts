import { clone, create } from "@bufbuild/protobuf";
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { identity, mls } from "#src/network/proto/index.js";
import type { TypedMethod } from "../../network/grpc-client.js";
import type { Captured } from "../captured.js";
import type { Draw } from "../fuzz/draw.js";

/** A request as a client could make it. */
export interface Request {
  readonly method: TypedMethod<DescMessage, DescMessage>;
  readonly message: MessageInitShape<DescMessage>;
}

/** Above every id that a store has given. */
const FAR = 2n ** 62n;

/** What clients ask of a node, about what real ones have left there and about what nobody has. */
export class Requests {
  readonly #draw: Draw;
  readonly #captured: Captured;
  readonly #groups: Uint8Array[];
  readonly #installations: Uint8Array[];
  readonly #inboxes: string[];

  constructor(draw: Draw, captured: Captured) {
    this.#draw = draw;
    this.#captured = captured;
    const { commitLog, groupMessage, identityUpdates, welcome } = captured;
    const data = dataOf(groupMessage);
    this.#groups = [data.subarray(5, 5 + (data[4] ?? 0)), some(commitLog.requests[0]).groupId];
    const version = some(welcome.messages[0]).version;
    this.#installations = version.case === "v1" ? [version.value.installationKey] : [];
    for (const { identityUpdate } of identityUpdates)
      for (const { kind } of identityUpdate?.actions ?? [])
        if (kind.case === "add" && kind.value.newMemberIdentifier?.kind.case === "installationPublicKey")
          this.#installations.push(kind.value.newMemberIdentifier.kind.value);
    this.#inboxes = [some(some(identityUpdates[0]).identityUpdate).inboxId];
  }

  /** What must be on a node before the others are asked of it, in this order. */
  first(): Request[] {
    const { identityUpdates, keyPackage, commit, groupMessage, welcome } = this.#captured;
    return [
      ...identityUpdates.map((message) => request(publish, message)),
      request(api.uploadKeyPackage, keyPackage),
      request(api.sendGroupMessages, commit),
      request(api.sendGroupMessages, groupMessage),
      request(api.sendWelcomeMessages, welcome),
    ];
  }

  /** One that a node accepts. */
  valid(): Request {
    const draw = this.#draw;
    const groupId = this.#oneOf(this.#groups, 16);
    const installationKey = this.#oneOf(this.#installations, 32);
    const pagingInfo = {
      limit: draw.pick([0, 1, 2, 100]),
      direction: draw.below(3),
      idCursor: draw.pick([0n, FAR]),
    };
    const inboxId = draw.oneIn(3) ? draw.bytes(32).toString("hex") : draw.pick(this.#inboxes);
    const { getIdentityUpdates, getInboxIds } = identity.IdentityApi.method;
    switch (draw.below(11)) {
      case 0:
        return request(api.queryGroupMessages, { groupId, pagingInfo });
      case 1:
        return request(api.queryWelcomeMessages, { installationKey, pagingInfo });
      case 2:
        return request(api.getNewestGroupMessage, {
          groupIds: this.#some(() => this.#oneOf(this.#groups, 16)),
        });
      case 3:
        return request(api.fetchKeyPackages, {
          installationKeys: this.#some(() => this.#oneOf(this.#installations, 32)),
        });
      case 4:
        return request(api.batchQueryCommitLog, { requests: [{ groupId }] });
      case 5:
        return request(getIdentityUpdates, { requests: this.#some(() => ({ inboxId })) });
      case 6: {
        const identifier = `0x${draw.bytes(20).toString("hex")}`;
        return request(getInboxIds, { requests: this.#some(() => ({ identifier })) });
      }
      case 7:
        return request(api.batchPublishCommitLog, this.#captured.commitLog);
      case 8:
        return request(api.sendWelcomeMessages, this.#freshWelcome());
      default:
        return request(api.sendGroupMessages, this.#freshMessage());
    }
  }

  /** One of those that real clients sent, as it was. */
  sent(): Request {
    const { groupMessage, commit, welcome, symmetricWelcome, pointer, keyPackage, identityUpdates } =
      this.#captured;
    return this.#draw.pick([
      request(api.sendGroupMessages, groupMessage),
      request(api.sendGroupMessages, commit),
      request(api.sendWelcomeMessages, welcome),
      request(api.sendWelcomeMessages, symmetricWelcome),
      request(api.sendWelcomeMessages, pointer),
      request(api.uploadKeyPackage, keyPackage),
      ...identityUpdates.map((message) => request(publish, message)),
    ]);
  }

  /** The same message with another ciphertext, which no node can read: it is a new one. */
  #freshMessage(): mls.SendGroupMessagesRequest {
    const message = clone(mls.SendGroupMessagesRequestSchema, this.#captured.groupMessage);
    const data = Uint8Array.from(dataOf(message));
    data.set(this.#draw.bytes(8), data.length - 8);
    const version = message.messages[0]?.version;
    if (version?.case === "v1") version.value.data = data;
    return message;
  }

  #freshWelcome(): mls.SendWelcomeMessagesRequest {
    const message = clone(mls.SendWelcomeMessagesRequestSchema, this.#captured.welcome);
    const version = message.messages[0]?.version;
    if (version?.case === "v1") version.value.data = this.#draw.bytes(40);
    return message;
  }

  /** One that is there, or one in three that is not. */
  #oneOf(known: readonly Uint8Array[], length: number): Uint8Array {
    return this.#draw.oneIn(3) ? this.#draw.bytes(length) : this.#draw.pick(known);
  }

  #some<T>(make: () => T): T[] {
    return Array.from({ length: 1 + this.#draw.below(3) }, make);
  }
}

const api = mls.MlsApi.method;
const publish = identity.IdentityApi.method.publishIdentityUpdate;

function request<I extends DescMessage>(
  method: TypedMethod<I, DescMessage>,
  message: MessageInitShape<I>,
): Request {
  return { method, message: create(method.input, message) };
}

/** MLS bytes of a request's first message. */
function dataOf({ messages }: mls.SendGroupMessagesRequest): Uint8Array {
  const version = some(messages[0]).version;
  return version.case === "v1" ? version.value.data : new Uint8Array();
}

function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("Less was captured than was expected.");
  return value;
}
