import type { Rig } from "./rig.js";

/** What Toxiproxy up to 2.12 does where the embedded server differs on purpose. */
export interface Documented {
  /** Row of docs/toxiproxy-deviations.md. */
  readonly row: `D${number}`;
  /** What the real server shows; left out where it hangs or dies, shown on a server of its own. */
  readonly real?: unknown;
}

/** One fact about Toxiproxy, looked at from outside: what `run` sees must equal `expected`. */
export interface Check {
  readonly name: string;
  readonly run: (rig: Rig) => Promise<unknown>;
  /** Needs the kernel's table of connections. */
  readonly linux?: true;
  /** May hold Playwright's asymmetric matchers. */
  readonly expected: unknown;
  readonly documented?: Documented | undefined;
}
