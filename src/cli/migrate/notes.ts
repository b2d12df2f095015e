import type { SourceFile } from "ts-morph";
import { strangers } from "./strangers.js";
import { leavesWorkAlone, waitsForAnotherHand } from "./stuck.js";
import type { TsMorph } from "./tools.js";

/** A form that means less, or nothing, here. Read from the text of a call: the type of what it is called on is unknown. */
interface Form {
  readonly pattern: RegExp;
  readonly note: string;
  /** The case will not pass as it is. */
  readonly fails?: true;
}

const forms: readonly Form[] = [
  {
    pattern: /\.ping\([\s\S]{0,300}?\.now\(\)\s*-[\s\S]{0,300}?toBeGreaterThan\(/,
    note: "times a ping between nodes: there is one embedded node, and no path to be measured",
    fails: true,
  },
  {
    pattern: /\.add(Egress)?Loss\(/,
    note: "packet loss is refused when it is asked for: above TCP no packet is lost, only late",
  },
  {
    pattern: /allReceived\)\s*\.toBe\(false\)|receptionPercentage\)\s*\.toBe\(0\)/,
    note: "expects that a message is lost: it passes only while the SDK has that bug",
    fails: true,
  },
  {
    pattern:
      /nodeSDK|nodeBindings|nodeVersion|VersionList|sdkVersionOptions|getVersions\(|getActiveVersion\(/,
    note: "several SDK versions: those that are installed and load here, each with a database of its own",
  },
  { pattern: /bysize\d|getBysizeWorkerName/, note: "a populated database: this one starts empty" },
  {
    pattern: /\baddFixedLatencyTo\(/,
    note: "latency between two nodes is refused: there is one embedded node",
    fails: true,
  },
  { pattern: /\bvi\.\w+/, note: "vitest's mocks have no counterpart", fails: true },
  { pattern: /toMatch(Inline)?Snapshot\(/, note: "vitest's snapshots have no counterpart", fails: true },
  { pattern: /\.(walletKey|encryptionKey)\b/, note: "a worker's keys are not given out" },
  { pattern: /while \(true\)|for \(;;\)/, note: "has a loop without an end", fails: true },
  {
    pattern:
      /conversations\.sync\(\);\s*(?:const|let) (\w+) =\s*await [\s\S]{0,80}?getConversationById\([^;]*;\s*expect\(\(?\1!?(?: as Group\))?\.(?:name|description)\b/,
    note: "reads a group's name after conversations.sync(), which brings new conversations, not changes of known ones: call sync() of the group first",
  },
  {
    pattern: /process\.env\.(WALLET_KEY|ENCRYPTION_KEY)\b/,
    note: "takes keys from the environment: set WALLET_KEY and ENCRYPTION_KEY for the run; nothing here writes or reads a .env file",
  },
  {
    pattern: /\.networks\.includes\(/,
    note: "takes agents of the public networks by XMTP_ENV: none where it is not set, and nobody answers for them here",
  },
  {
    pattern: /["'`]0x[0-9a-fA-F]{40}["'`]|["'`][0-9a-f]{64}["'`]/,
    note: "names an inbox of a public network: one of the pool stands in for it, and nobody reads there",
  },
  {
    pattern:
      /["'`]0x[0-9a-fA-F]{40}["'`][\s\S]*verify(Bot|Agent)MessageStream\(|verify(Bot|Agent)MessageStream\([\s\S]*["'`]0x[0-9a-fA-F]{40}["'`]/,
    note: "waits for the answer of a bot on a public network",
    fails: true,
  },
  {
    pattern: /https?:\/\/(?!localhost|127\.0\.0\.1)[\w.-]+/,
    note: "speaks to a server outside of this machine",
  },
];

/** What is said of a file, beside what its text shows. */
export interface Known {
  /** Names that nothing declares. */
  readonly undeclared: readonly string[];
  /** SDK versions that are installed, and those of their bindings. */
  readonly versions: readonly string[];
}

/** What of a file means less here. */
export function notesOf(
  file: SourceFile,
  morph: TsMorph,
  { undeclared, versions }: Known,
): { readonly text: string; readonly fails: boolean }[] {
  const code = withoutComments(file);
  const notes = forms
    .filter(({ pattern }) => pattern.test(code))
    .map(({ note, fails }) => ({ text: note, fails: fails === true }));
  const fail = (text: string): number => notes.push({ text, fails: true });
  if (undeclared.length > 0) fail(`uses ${undeclared.join(", ")}, which nothing declares`);
  if (waitsForAnotherHand(file, morph))
    fail("iterates a stream right after opening it: nothing in the case makes an event come");
  if (leavesWorkAlone(file, morph))
    notes.push({
      text: "has work in a timer that nobody awaits or catches: what fails there fails the describe, as it ends vitest with an error",
      fails: false,
    });
  const unknown = strangers(file, morph);
  if (unknown.length > 0) fail(`asks for ${unknown.join(", ")}, whom no getWorkers of it makes`);
  const asked = [...code.matchAll(/\bnode(?:SDK|Version|Bindings):\s*["'`](\d+\.\d+\.\d+\w*)["'`]/g)];
  const absent = asked.map(([, version = ""]) => version).filter((version) => !versions.includes(version));
  if (absent.length > 0) fail(`asks for SDK ${[...new Set(absent)].join(", ")}, which is not installed here`);
  // In comments, titles and what is printed: all that the author says of the outcome.
  const said = file.getFullText().match(/\/\/.*|\/\*[\s\S]*?\*\/|(["'`])(?:\\.|(?!\1).)*\1/g) ?? [];
  if (
    said.some((text) =>
      /\b(should|will|expected to) (time ?out|fail|stop)\b|\b(failures are|failure is) expected\b|\bexpect (degraded|failing)\b|\bknown (bug|issue)\b|\brepro/i.test(
        text,
      ),
    )
  )
    notes.push({
      text: "says of itself that it reproduces a fault: its outcome depends on the SDK",
      fails: false,
    });
  return notes;
}

/** Code alone: what is commented out is of no use of anything. */
function withoutComments(node: { getText(): string }): string {
  return node.getText().replace(/\/\*[\s\S]*?\*\/|(^|[^:"'`])\/\/.*$/gm, "$1");
}
