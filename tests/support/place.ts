import { test as base } from "playwright-xmtp";
import type { EmbeddedNode, XmtpNetwork } from "playwright-xmtp/network";

/** The network that the suites run on: the embedded node's, or one that was given by URL. */
export interface Place {
  readonly network: XmtpNetwork;
  /** Undefined for a node given by URL: nobody counts there, and nobody makes faults. */
  readonly node: EmbeddedNode | undefined;
}

/** For tests that hold on every node, and look closer where the embedded one can tell. */
export const test = base.extend<{ place: Place }, { _xmtpNetwork: Place }>({
  place: async ({ _xmtpNetwork }, use) => await use(_xmtpNetwork),
});

/** When an app is ready: it listens, which only the embedded node sees; elsewhere its output has to say so. */
export const readyWhen = ({ node }: Place, output: RegExp): { ready: "subscription" | RegExp } => ({
  ready: node ? "subscription" : output,
});

/** Skips a test on a node given by URL, and says what is missing there. */
export function needsEmbedded({ node }: Place, why: string): void {
  test.skip(node === undefined, `needs embedded: ${why}`);
}
