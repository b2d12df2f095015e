import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressError, splitHostPort } from "../../../../src/toxiproxy/wire/address.js";
import { Float32, encode } from "../../../../src/toxiproxy/wire/encode.js";
import { JsonSyntaxError, parseJson } from "../../../../src/toxiproxy/wire/json-parse.js";
import { JsonNumber, JsonObject } from "../../../../src/toxiproxy/wire/json-value.js";
import type { JsonValue } from "../../../../src/toxiproxy/wire/json-value.js";

/** As JSON.parse would give it. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (value instanceof JsonObject)
    return Object.fromEntries(value.members.map(([key, member]) => [key, plain(member)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
/** undefined when `text` is not JSON; any other failure is a bug. */
function parsed(
  text: string,
  parse: (text: string) => unknown,
  error: new () => Error,
): { value: unknown } | undefined {
  try {
    return { value: parse(text) };
  } catch (thrown) {
    if (thrown instanceof error) return undefined;
    throw thrown;
  }
}

describe("JSON", () => {
  test("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), (text) => {
        expect(plain(parseJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test("takes and refuses the same texts as JSON.parse, and never fails otherwise", () => {
    // Broken texts near real ones: one character cut out or put in.
    const near = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom("", '"', "{", "]", ",", "0", "-", "e", "\\", "\n", "'"),
    );
    fc.assert(
      fc.property(near, ([text, at, put]) => {
        const index = at % (text.length + 1);
        const broken = text.slice(0, index) + put + text.slice(index + 1);
        const theirs = parsed(broken, JSON.parse, SyntaxError);
        const ours = parsed(broken, (each) => plain(parseJson(each)), JsonSyntaxError);
        if (theirs) expect(ours).toEqual(theirs);
        // Ours stops after the first value, so it may take a text that goes on.
        else if (ours) expect(parsed(broken.trimStart(), JSON.parse, SyntaxError)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  test("any text at all is read or refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => void parsed(text, parseJson, JsonSyntaxError)),
    );
  });

  test("keeps a number's text and an object's repeats; stops after the first value", () => {
    const value = parseJson(' {"a":100.0,"a":1e2} rest');
    expect(value).toEqual(
      new JsonObject([
        ["a", new JsonNumber("100.0")],
        ["a", new JsonNumber("1e2")],
      ]),
    );
  });

  test("lone surrogates become the replacement character, pairs stay", () => {
    expect(parseJson(String.raw`"\ud800x\ud83d\ude00"`)).toBe("\ufffdx😀");
  });

  test.each([
    ["", "EOF"],
    ["  \n", "EOF"],
    ["[1,", "unexpected EOF"],
    ['"\\u12', "unexpected EOF"],
    ["'", String.raw`invalid character '\'' looking for beginning of value`],
    ["-x", "invalid character 'x' in numeric literal"],
    ["1ex", "invalid character 'x' in exponent of numeric literal"],
    [String.raw`"\uzzzz"`, String.raw`invalid character 'z' in \u hexadecimal character escape`],
    ["[1 2]", "invalid character '2' after array element"],
    ["[".repeat(1100), "exceeded max depth"],
  ])("%j is refused: %s", (text, message) => {
    expect(() => parseJson(text)).toThrow(new JsonSyntaxError(message));
  });
});

describe("encoding", () => {
  test("is JSON, and safe inside HTML", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.array(fc.oneof(fc.string(), fc.boolean(), fc.integer()))),
        (value) => {
          const text = encode(value);
          expect(JSON.parse(text)).toEqual(value);
          expect(text).not.toMatch(/[<>&]/);
        },
      ),
    );
  });

  test("a float32 is its shortest text", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = encode(new Float32(value));
        expect(Math.fround(Number(text))).toBe(value);
        // JavaScript drops the sign of -0, Go keeps it.
        expect(text.length).toBeLessThanOrEqual(Object.is(value, -0) ? 2 : String(value).length);
      }),
    );
    expect(encode(new Float32(Math.fround(0.1)))).toBe("0.1");
    expect(encode(new Float32(Math.fround(1 / 3)))).toBe("0.33333334");
  });

  test("the largest integer keeps its digits", () => {
    expect(encode({ latency: 9_223_372_036_854_775_807n })).toBe('{"latency":9223372036854775807}');
  });
});

describe("addresses", () => {
  test.each([
    ["localhost:80", "localhost", "80"],
    [":80", "", "80"],
    ["[::1]:80", "::1", "80"],
    ["host:", "host", ""],
  ])("%s", (address, host, port) => {
    expect(splitHostPort(address)).toEqual({ host, port });
  });

  test.each([
    ["host", "address host: missing port in address"],
    ["[::1]", "address [::1]: missing port in address"],
    ["[::1]80", "address [::1]80: missing port in address"],
    ["[::1]::80", "address [::1]::80: too many colons in address"],
    ["a[b:80", "address a[b:80: unexpected '[' in address"],
    ["a]b:80", "address a]b:80: unexpected ']' in address"],
  ])("%s is refused", (address, message) => {
    expect(() => splitHostPort(address)).toThrow(new AddressError(message));
  });
});
