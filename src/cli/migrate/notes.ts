import type { SourceFile } from "ts-morph";

/** A form that means less, or nothing, here. Read from the text of a call: the type of what it is called on is unknown. */
interface Form {
  readonly pattern: RegExp;
  readonly note: string;
  /** The case will not pass as it is. */
  readonly fails?: true;
}

const forms: readonly Form[] = [
  {
    pattern: /\.ping\([\s\S]{0,400}?toBeGreaterThan\(/,
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
    pattern: /nodeSDK|nodeBindings|VersionList|getVersions\(|getActiveVersion\(/,
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
  { pattern: /while \(true\)|for \(;;\)/, note: "has a loop without an end" },
  {
    pattern: /https?:\/\/(?!localhost|127\.0\.0\.1)[\w.-]+/,
    note: "speaks to a server outside of this machine",
  },
];

/** What of a file means less here. */
export function notesOf(file: SourceFile): { readonly text: string; readonly fails: boolean }[] {
  const code = withoutComments(file);
  const notes = forms
    .filter(({ pattern }) => pattern.test(code))
    .map(({ note, fails }) => ({ text: note, fails: fails === true }));
  const comments = file.getFullText().match(/\/\/.*|\/\*[\s\S]*?\*\//g) ?? [];
  if (
    comments.some((text) =>
      /\b(should|will|expected to) (time ?out|fail)\b|\bknown (bug|issue)\b|\brepro/i.test(text),
    )
  )
    notes.push({
      text: "says of itself that it reproduces a fault: its outcome depends on the SDK",
      fails: false,
    });
  return notes;
}

/** Code alone: what is commented out is of no use of anything. */
export function withoutComments(node: { getText(): string }): string {
  return node.getText().replace(/\/\*[\s\S]*?\*\/|(^|[^:"'`])\/\/.*$/gm, "$1");
}
