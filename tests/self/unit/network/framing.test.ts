import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MlsFormatError, parseGroupMessage } from "../../../../src/network/mls/index.js";
import { flipped, fromHex, vectors } from "./vectors.js";

const captured = vectors("group-messages.json").map(fromHex);

/** A message by hand: version, wire format, then the given pieces. */
const message = (...pieces: string[]): Uint8Array => fromHex(["0001", ...pieces].join(""));
const GROUP = "04deadbeef";
const EPOCH = "0000000000000007";
const BODY = ["00", "0155", "0166"];
const groupId = fromHex("deadbeef");

describe("group messages of a real SDK", () => {
  test("are read: 16-byte group id, epoch, content type", () => {
    const read = captured.map((bytes) => {
      const { groupId: id, epoch, contentType, isCommit } = parseGroupMessage(bytes);
      return [id.length, epoch, contentType, isCommit];
    });
    expect(read).toEqual([
      [16, 1n, "application", false],
      [16, 1n, "application", false],
      [16, 1n, "commit", true],
    ]);
  });

  test("truncated at any byte they are an error, not a crash", () => {
    for (const bytes of captured) {
      for (let length = 0; length < bytes.length; length++)
        expect(() => parseGroupMessage(bytes.subarray(0, length)), `${length} bytes`).toThrow(MlsFormatError);
    }
  });

  test("with a changed byte they are read or refused by name", () => {
    const bytes = captured[0] ?? new Uint8Array();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        onlyThrows(MlsFormatError, () => parseGroupMessage(flipped(bytes, at, by)));
      }),
    );
  });
});

describe("framing", () => {
  test.each([
    ["01", "application", false],
    ["02", "proposal", true],
    ["03", "commit", true],
  ])("content type %s of a private message is %s", (code, contentType, isCommit) => {
    expect(parseGroupMessage(message("0002", GROUP, EPOCH, code, ...BODY))).toEqual({
      groupId: Buffer.from(groupId),
      epoch: 7n,
      contentType,
      isCommit,
    });
  });

  test.each([
    ["member", "0100000003"],
    ["external", "0200000003"],
    ["new member proposing", "03"],
    ["new member committing", "04"],
  ])("a public message of a sender that is %s", (_, sender) => {
    const framing = parseGroupMessage(message("0001", GROUP, EPOCH, sender, "00", "03"));
    expect(framing).toMatchObject({ epoch: 7n, contentType: "commit", isCommit: true });
  });

  test("the largest epoch keeps its value", () => {
    const { epoch } = parseGroupMessage(message("0002", GROUP, "ffffffffffffffff", "01", ...BODY));
    expect(epoch).toBe(2n ** 64n - 1n);
  });

  test("vectors of two and four length bytes", () => {
    const two = `4040${"ab".repeat(0x40)}`;
    const four = `80004000${"cd".repeat(0x4000)}`;
    expect(parseGroupMessage(message("0002", two, EPOCH, "01", "00", "00", four)).groupId.length).toBe(0x40);
  });

  test("bytes after a private message are let through, as the real node does", () => {
    expect(parseGroupMessage(message("0002", GROUP, EPOCH, "01", ...BODY, "ffff")).epoch).toBe(7n);
  });

  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "EndOfStream"],
    [
      "another version, after a body that is whole",
      fromHex(`00020002${GROUP}${EPOCH}01${BODY.join("")}`),
      'DecodingError("MlsMessage protocol version is not 1.0")',
    ],
    ["another version, of a body that is cut", fromHex(`00020002${GROUP}`), "EndOfStream"],
    ["another version and another wire format", fromHex("06244461"), "UnknownValue(17505)"],
    ["wire format 66", message("0042"), "UnknownValue(66)"],
    ["a welcome", message("0003", "0003", "00", "00"), "Wrong wire format"],
    ["a welcome of another version", fromHex("000200030003 00 00".replaceAll(" ", "")), "DecodingError("],
    ["a welcome of no ciphersuite", message("0003", "0008", "00", "00"), "UnknownValue(8)"],
    ["a welcome that is cut", message("0003"), "EndOfStream"],
    ["a group info that is cut", message("0004", "0001", "0003"), "EndOfStream"],
    ["a key package that is cut", message("0005", "0001", "0003"), "EndOfStream"],
    ["content type 0", message("0002", GROUP, EPOCH, "00", ...BODY), "UnknownValue(0)"],
    ["content type 4", message("0002", GROUP, EPOCH, "04", ...BODY), "UnknownValue(4)"],
    ["sender type 0", message("0001", GROUP, EPOCH, "00"), "UnknownValue(0)"],
    ["sender type 5", message("0001", GROUP, EPOCH, "05"), "UnknownValue(5)"],
    [
      "a public message without its membership tag",
      message("0001", GROUP, EPOCH, "0100000003", "00", "01", "00", "00"),
      "EndOfStream",
    ],
    ["a length in eight bytes", message("0002", "c000000000000001"), "InvalidVectorLength"],
    ["a length in eight bytes that is cut", message("0002", "c0"), "EndOfStream"],
    [
      "a list whose last structure reaches past its end",
      message("0003", "0003", "030101ff0100"),
      "EndOfStream",
    ],
    ["4 in two bytes", message("0002", "4004deadbeef"), "InvalidVectorLength"],
    ["63 in two bytes", message("0002", `403f${"00".repeat(63)}`), "InvalidVectorLength"],
    ["4 in four bytes", message("0002", "80000004deadbeef"), "InvalidVectorLength"],
    ["16383 in four bytes", message("0002", `80003fff${"00".repeat(16383)}`), "InvalidVectorLength"],
    ["a group id past the end", message("0002", "05deadbeef"), "EndOfStream"],
    ["a gigabyte", message("0002", "bfffffff"), "EndOfStream"],
  ])("%s is refused", (_, bytes, text) => {
    expect(() => parseGroupMessage(bytes)).toThrow(MlsFormatError);
    expect(() => parseGroupMessage(bytes)).toThrow(text);
  });

  test("a view into a larger buffer is not read past", () => {
    const whole = message("0002", GROUP, EPOCH, "01", ...BODY);
    const buffer = new Uint8Array(whole.length + 8);
    buffer.set(whole, 4);
    expect(parseGroupMessage(buffer.subarray(4, 4 + whole.length)).epoch).toBe(7n);
    expect(() => parseGroupMessage(buffer.subarray(4, 3 + whole.length))).toThrow("EndOfStream");
  });

  test("random bytes are read or refused by name", () => {
    const anything = fc.uint8Array({ maxLength: 200 });
    fc.assert(fc.property(anything, (bytes) => onlyThrows(MlsFormatError, () => parseGroupMessage(bytes))));
    const plausible = anything.map((bytes) => Buffer.concat([fromHex("00010002"), bytes]));
    fc.assert(fc.property(plausible, (bytes) => onlyThrows(MlsFormatError, () => parseGroupMessage(bytes))));
  });
});

function onlyThrows(type: new (...args: never[]) => Error, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(type);
  }
}
