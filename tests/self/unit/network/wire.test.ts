import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError, decodeMessage } from "#src/network/grpc/wire.js";
import { identity, messageApi, mls } from "#src/network/proto/index.js";

const Query = mls.QueryGroupMessagesRequestSchema;
const GetNewest = mls.GetNewestGroupMessageRequestSchema;

/** A varint of 64 bits. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value > 0x7fn; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80);
  return [...bytes, Number(value)];
}
const tag = (number: number, type: number): number[] => varint((BigInt(number) << 3n) | BigInt(type));
const bytes = (maxLength: number) => fc.array(fc.integer({ min: 0, max: 255 }), { maxLength });
const exactly = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length });

/** A value of each wire type, groups of groups included. */
const value = (type: number): fc.Arbitrary<number[]> =>
  type === 0
    ? fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(varint)
    : type === 1
      ? exactly(8)
      : type === 5
        ? exactly(4)
        : bytes(20).map((content) => [...varint(BigInt(content.length)), ...content]);
const group = (number: number, content: number[]): number[] => [
  ...tag(number, 3),
  ...content,
  ...tag(number, 4),
];
const field = (number: number, types: number[]): fc.Arbitrary<number[]> =>
  fc.constantFrom(...types).chain((type) =>
    type === 3
      ? fc
          .tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom(0, 1, 2, 5), fc.nat(30))
          .chain(([inner, innerType, depth]) =>
            value(innerType).map((content) => {
              let body = [...tag(inner, innerType), ...content];
              for (let level = 0; level < depth; level++) body = group(inner, body);
              return group(number, body);
            }),
          )
      : value(type).map((content) => [...tag(number, type), ...content]),
  );

test("whatever is written is read, with known fields of other types and unknown ones in between", () => {
  const groupId = fc.uint8Array({ maxLength: 20 });
  const limit = fc.nat(1000);
  const foreign = fc.oneof(
    field(1, [0, 1, 3, 5]),
    field(2, [0, 1, 3, 5]),
    field(3, [0, 1, 2, 3, 5]),
    field(2 ** 29 - 1, [0, 1, 2, 3, 5]),
  );
  fc.assert(
    fc.property(groupId, limit, fc.array(foreign, { maxLength: 4 }), (id, count, others) => {
      const pagingInfo = { limit: count, idCursor: 7n };
      const paging = [
        ...toBinary(mls.PagingInfoSchema, create(mls.PagingInfoSchema, pagingInfo)),
        // Of its fields all three are varints.
        ...tag(2, 2),
        1,
        0x61,
        ...group(3, [...tag(9, 0), 5]),
      ];
      const wire = [
        ...others.flat(),
        ...tag(1, 2),
        ...varint(BigInt(id.length)),
        ...id,
        ...others.flat(),
        ...tag(2, 2),
        ...varint(BigInt(paging.length)),
        ...paging,
        ...others.flat(),
      ];
      const message = decodeMessage(Query, Uint8Array.from(wire));
      expect(Buffer.from(message.groupId)).toEqual(Buffer.from(id));
      expect(message.pagingInfo).toMatchObject(pagingInfo);
    }),
  );
});

test("any bytes are a message, or no message: nothing else happens", () => {
  const whole = toBinary(
    GetNewest,
    create(GetNewest, { groupIds: [Buffer.from("one"), Buffer.from("two")], includeContent: true }),
  );
  for (const schema of [
    Query,
    GetNewest,
    mls.SendWelcomeMessagesRequestSchema,
    messageApi.QueryEnvelopesRequestSchema,
  ]) {
    fc.assert(
      fc.property(
        fc.oneof(
          bytes(60),
          fc.nat(whole.length).map((end) => [...whole.subarray(0, end)]),
        ),
        (wire) => {
          try {
            decodeMessage(schema, Uint8Array.from(wire));
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  }
});

test("numbers in a list come one by one or in a run, and a run that is cut is not a message", () => {
  const schema = messageApi.EnvelopesQuerySchema;
  const numbers = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 10 });
  const FIELD = schema.fields.find(({ localName }) => localName === "originatorNodeIds")?.number ?? 0;
  expect(FIELD).toBeGreaterThan(0);
  fc.assert(
    fc.property(numbers, numbers, (single, run) => {
      const packed = run.flatMap((one) => varint(BigInt(one)));
      const wire = [
        ...single.flatMap((one) => [...tag(FIELD, 0), ...varint(BigInt(one))]),
        ...tag(FIELD, 2),
        ...varint(BigInt(packed.length)),
        ...packed,
        ...tag(FIELD, 1),
        ...Array.from({ length: 8 }, () => 1),
      ];
      expect(decodeMessage(schema, Uint8Array.from(wire)).originatorNodeIds).toEqual([...single, ...run]);
    }),
  );
  expect(() => decodeMessage(schema, Uint8Array.from([...tag(FIELD, 2), 2, 1, 0x80]))).toThrow(WireError);
});

test("a varint longer than 64 bits is none, wherever it is", () => {
  const long = fc
    .integer({ min: 2, max: 0x7f })
    .map((last) => [...Array.from({ length: 9 }, () => 0xff), last]);
  const longer = fc.constant([...Array.from({ length: 10 }, () => 0x80), 0]);
  fc.assert(
    fc.property(
      fc.oneof(long, longer),
      fc.constantFrom(tag(100, 0), tag(1, 2), tag(1, 0), []),
      (number, before) => {
        expect(() => decodeMessage(Query, Uint8Array.from([...before, ...number]))).toThrow(WireError);
      },
    ),
  );
});

test("groups may be 10,001 deep, and no deeper; strings must be UTF-8, surrogates and overlong forms are not", () => {
  const nested = (depth: number) =>
    Uint8Array.from([
      ...Array.from({ length: depth }, () => 0x4b),
      ...Array.from({ length: depth }, () => 0x4c),
    ]);
  expect(decodeMessage(Query, nested(10_001)).groupId).toHaveLength(0);
  expect(() => decodeMessage(Query, nested(10_002))).toThrow("cannot parse invalid wire-format data");
  for (const text of ["ff", "eda080", "c080", "f4908080", "e282"]) {
    const identifier = Buffer.from(text, "hex");
    const request = Buffer.concat([
      Buffer.from([0x0a, identifier.length + 2, 0x0a, identifier.length]),
      identifier,
    ]);
    expect(() => decodeMessage(identity.GetInboxIdsRequestSchema, request), text).toThrow(
      "string field contains invalid UTF-8",
    );
  }
});
