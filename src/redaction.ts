/**
 * What must not leave a test's process, for every output: texts of failures, timeline, picture, run page, JSON, summary.
 *
 * Blanked is what is known to be a secret of this run, and what has the form of one: passwords in URLs, secrets among
 * a URL's parameters, and private keys. Inbox and message ids have 64 hex digits like keys do; they stay readable, so
 * 64 digits alone are blanked only with 0x before them or under a name that says key, secret or seed.
 */

const known = new Set<string>();

/** The shortest secret that is looked for: blanking shorter ones would leave no text readable. */
const shortest = 6;

/** From now on this text is blanked wherever it would be written. Hex keys are found with and without 0x. */
export function registerSecret(secret: string): void {
  const bare = secret.replace(/^0x/i, "");
  if (bare.length >= shortest) known.add(bare);
}

const blank = "[blanked]";

/** Names of parameters and fields whose values are secrets. */
const secretName = String.raw`[\w-]*(?:token|secret|passw(?:or)?d|api[_-]?key|private[_-]?key|wallet[_-]?key|encryption[_-]?key|db[_-]?key|auth|signature|session|seed[_-]?phrase|mnemonic)[\w-]*`;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]+@/gi, `$1${blank}@`],
  [new RegExp(String.raw`([?&;#](?:${secretName}|key)=)[^\s&#;"'<>]+`, "gi"), `$1${blank}`],
  [/\b(bearer|basic)(\s+)[\w.~+/=-]{8,}/gi, `$1$2${blank}`],
  [/\b0x[0-9a-f]{64}(?![0-9a-f])/gi, `0x${blank}`],
  [
    new RegExp(
      String.raw`(\b(?:${secretName}|key)\b["']?\s*(?:[:=]|\bis\b)\s*["']?)(?:0x)?[0-9a-f]{64}(?![0-9a-f])`,
      "gi",
    ),
    `$1${blank}`,
  ],
];

/** `text` without secrets. */
export function redacted(text: string): string {
  let out = text;
  for (const secret of known) if (out.includes(secret)) out = out.replaceAll(secret, blank);
  for (const [pattern, replacement] of patterns) out = out.replace(pattern, replacement);
  return out;
}

/** Control characters but tab and line break, and characters that turn the direction of writing. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** `text` without secrets, with control and direction characters shown instead of sent: `\u202e`. */
export function shown(text: string): string {
  return redacted(text).replace(
    unseen,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
