import { JsonNumber, JsonObject } from "./json-value.js";
import type { JsonValue } from "./json-value.js";

/** Deeper nesting is refused: the control API needs three levels, Go's decoder stops at 10,000. */
const MAX_DEPTH = 1000;

/** Why a text is not JSON, in the words of Go's decoder. */
export class JsonSyntaxError extends Error {}

/**
 * Parses the first JSON value of `text`; what follows it is ignored, as Go's stream decoder does.
 *
 * @throws JsonSyntaxError "EOF" for an empty text, "unexpected EOF" for a truncated one, else what is wrong
 */
export function parseJson(text: string): JsonValue {
  const parser = new Parser(text);
  parser.skipSpace();
  if (parser.atEnd) throw new JsonSyntaxError("EOF");
  return parser.value(0);
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  value(depth: number): JsonValue {
    if (depth > MAX_DEPTH) throw new JsonSyntaxError("exceeded max depth");
    this.skipSpace();
    const first = this.#peek();
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#array(depth);
    if (first === '"') return this.#string();
    if (first === "t") return this.#literal("true", true);
    if (first === "f") return this.#literal("false", false);
    if (first === "n") return this.#literal("null", null);
    if (first === "-" || isDigit(first)) return this.#number();
    return this.#fail("looking for beginning of value");
  }

  #peek(): string {
    const char = this.#text[this.#at];
    if (char === undefined) throw new JsonSyntaxError("unexpected EOF");
    return char;
  }

  #fail(where: string): never {
    throw new JsonSyntaxError(`invalid character ${quoted(this.#peek())} ${where}`);
  }

  #object(depth: number): JsonObject {
    const members: [string, JsonValue][] = [];
    this.#at++;
    this.skipSpace();
    if (this.#peek() === "}") {
      this.#at++;
      return new JsonObject(members);
    }
    for (;;) {
      this.skipSpace();
      if (this.#peek() !== '"') this.#fail("looking for beginning of object key string");
      const key = this.#string();
      this.skipSpace();
      if (this.#peek() !== ":") this.#fail("after object key");
      this.#at++;
      members.push([key, this.value(depth + 1)]);
      this.skipSpace();
      const next = this.#peek();
      if (next !== "," && next !== "}") this.#fail("after object key:value pair");
      this.#at++;
      if (next === "}") return new JsonObject(members);
    }
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#at++;
    this.skipSpace();
    if (this.#peek() === "]") {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(this.value(depth + 1));
      this.skipSpace();
      const next = this.#peek();
      if (next !== "," && next !== "]") this.#fail("after array element");
      this.#at++;
      if (next === "]") return items;
    }
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const char = this.#peek();
      if (char === '"') break;
      if (char < " ") this.#fail("in string literal");
      this.#at++;
      if (char === "\\") this.#escape();
    }
    this.#at++;
    // Go replaces lone surrogates; the rest of a checked literal means the same in both languages.
    return (JSON.parse(this.#text.slice(start, this.#at)) as string).replace(/\p{Surrogate}/gu, "\ufffd");
  }

  #escape(): void {
    const char = this.#peek();
    if (!'"\\/bfnrtu'.includes(char)) this.#fail("in string escape code");
    this.#at++;
    if (char !== "u") return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#peek())) this.#fail("in \\u hexadecimal character escape");
      this.#at++;
    }
  }

  #literal<T extends JsonValue>(word: string, value: T): T {
    this.#at++;
    for (const char of word.slice(1)) {
      if (this.#peek() !== char) this.#fail(`in literal ${word} (expecting '${char}')`);
      this.#at++;
    }
    return value;
  }

  #number(): JsonNumber {
    const start = this.#at;
    if (this.#peek() === "-") this.#at++;
    if (!isDigit(this.#peek())) this.#fail("in numeric literal");
    if (this.#peek() === "0") this.#at++;
    else this.#digits();
    if (this.#text[this.#at] === ".") {
      this.#at++;
      if (!isDigit(this.#peek())) this.#fail("after decimal point in numeric literal");
      this.#digits();
    }
    if (/[eE]/.test(this.#text[this.#at] ?? "")) {
      this.#at++;
      if (/[+-]/.test(this.#peek())) this.#at++;
      if (!isDigit(this.#peek())) this.#fail("in exponent of numeric literal");
      this.#digits();
    }
    return new JsonNumber(this.#text.slice(start, this.#at));
  }

  #digits(): void {
    while (isDigit(this.#text[this.#at] ?? "")) this.#at++;
  }
}

function isDigit(char: string): boolean {
  return char >= "0" && char <= "9";
}

function quoted(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}
