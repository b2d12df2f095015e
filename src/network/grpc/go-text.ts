/**
 * A header value as the bytes that came: Node reads them as Latin-1, a gRPC server in Go as UTF-8.
 */
export function headerText(value: string): string {
  return Buffer.from(value, "latin1").toString();
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};
/** What Go's `strconv.IsPrint` takes for printable: letters, marks, numbers, punctuation, symbols, and the plain space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A header value in quotes, as Go's `%q` writes it: the real node's texts quote so. */
export function goQuote(value: string): string {
  const bytes = Buffer.from(value, "latin1");
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const size = utf8Size(bytes, at);
    if (size === 0) {
      text += `\\x${(bytes[at] as number).toString(16).padStart(2, "0")}`;
      at++;
      continue;
    }
    text += quoted(bytes.toString("utf8", at, at + size));
    at += size;
  }
  return `"${text}"`;
}

function quoted(char: string): string {
  const known = ESCAPES[char];
  if (known !== undefined) return known;
  if (PRINTABLE.test(char)) return char;
  const point = char.codePointAt(0) ?? 0;
  if (point < 0x80) return `\\x${point.toString(16).padStart(2, "0")}`;
  return point > 0xffff
    ? `\\U${point.toString(16).padStart(8, "0")}`
    : `\\u${point.toString(16).padStart(4, "0")}`;
}

/** Bytes of the UTF-8 character at `at`; 0 where there is none. */
function utf8Size(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  const size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const char = bytes.toString("utf8", at, at + size);
  return Buffer.byteLength(char) === size && !char.includes("\ufffd") ? size : 0;
}
