import { fromBinary } from "@bufbuild/protobuf";
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { health, identity, mls } from "../../../../src/network/proto/index.js";
import { fromHex, vectors } from "./vectors.js";

const methods = new Map<string, DescMethod>(
  [identity.IdentityApi, mls.MlsApi].flatMap((service) =>
    service.methods.map((method) => [method.name, method]),
  ),
);
// Both services have a GetIdentityUpdates; clients call the one of IdentityApi.
methods.set("GetIdentityUpdates", identity.IdentityApi.method.getIdentityUpdates);

describe("requests of a real SDK", () => {
  const requests = Object.entries(vectors("requests.json")).flatMap(([name, all]) =>
    all.map((hex) => ({ name, hex })),
  );

  test.each(requests)("$name decodes without unknown fields", ({ name, hex }) => {
    const method = methods.get(name);
    expect(method).toBeDefined();
    if (method !== undefined) expect(unknownFields(fromBinary(method.input, fromHex(hex)))).toEqual([]);
  });

  test("a field that the schema does not have is found by this check", () => {
    const message = fromBinary(mls.PagingInfoSchema, fromHex("48010801"));
    expect(unknownFields(message)).toEqual(["xmtp.mls.api.v1.PagingInfo 9"]);
  });
});

test("a group's welcomes are one symmetric welcome and pointers to it", () => {
  const [hex = ""] = vectors("requests.json")["SendWelcomeMessages"] ?? [];
  const { messages } = fromBinary(mls.SendWelcomeMessagesRequestSchema, fromHex(hex));
  const shapes = messages.map(({ version }) => [
    version.case,
    version.value?.wrapperAlgorithm,
    version.value?.hpkePublicKey.length,
  ]);
  expect(shapes).toEqual([
    ["v1", 3, 0],
    ["welcomePointer", 2, 1216],
    ["welcomePointer", 2, 1216],
    ["welcomePointer", 2, 1216],
  ]);
});

test("the services carry the names of the wire", () => {
  expect([mls.MlsApi.typeName, identity.IdentityApi.typeName, health.Health.typeName]).toEqual([
    "xmtp.mls.api.v1.MlsApi",
    "xmtp.identity.api.v1.IdentityApi",
    "grpc.health.v1.Health",
  ]);
  const streams = mls.MlsApi.methods.filter(({ methodKind }) => methodKind === "server_streaming");
  expect(streams.map(({ name }) => name)).toEqual(["SubscribeGroupMessages", "SubscribeWelcomeMessages"]);
  expect(mls.MlsApi.method.subscribe.methodKind).toBe("bidi_streaming");
});

function unknownFields(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(unknownFields);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return [];
  const { $unknown = [], $typeName } = value as Partial<Message>;
  return [...$unknown.map(({ no }) => `${$typeName} ${no}`), ...Object.values(value).flatMap(unknownFields)];
}
