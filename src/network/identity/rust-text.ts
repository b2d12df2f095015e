/** A string in Rust's Debug form, as error texts of the real validation service hold it. */
export function rustString(text: string): string {
  const escaped = text.replace(/["\\\n\r\t\0]|\p{Cc}/gu, (char) => {
    const known = ESCAPES[char];
    return known ?? `\\u{${char.codePointAt(0)?.toString(16) ?? ""}}`;
  });
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\0": "\\0",
};
