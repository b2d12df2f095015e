import { throwTogether, XmtpTestError } from "../errors.js";
import type { Disposers } from "./disposers.js";

interface Registry {
  terminateAll(): Promise<void>;
  takeFailures(): Error[];
}

/** Clients of the node, by their names there. */
interface Owners {
  readonly of?: readonly string[];
  readonly except?: readonly string[];
}

interface Node {
  waitForSubscriptions(count: number, timeoutMs: number, whose: Owners): Promise<void>;
  releaseIdleConnections(): Promise<number>;
}

/** How long the node may take to notice that the last stream of a test has ended, ms. */
const settleMs = 5_000;

/**
 * Registers the end of a test's workers: all are ended, what failed in the background fails the test, and
 * an embedded node must then have no open subscription left of this test's parties; it lets idle connections of ended
 * workers go.
 *
 * @param outliving names of the parties that live on
 */
export function registerTeardown(
  disposers: Disposers,
  registry: Registry,
  node: Node | undefined,
  outliving: ReadonlySet<string>,
): void {
  disposers.add("workers", "the XMTP workers", () => registry.terminateAll(), 30_000);
  disposers.add("checks", "the check for background failures", () => {
    throwTogether(registry.takeFailures());
    return Promise.resolve();
  });
  if (!node) return;
  disposers.add("checks", "the check for leaked streams", async () => {
    await checkStreams(node, { except: [...outliving] });
    await node.releaseIdleConnections();
  });
}

/**
 * Waits until the node counts no open subscription of these clients.
 *
 * @throws XmtpTestError `LEAKED_STREAMS`
 */
export async function checkStreams(node: Pick<Node, "waitForSubscriptions">, whose: Owners): Promise<void> {
  try {
    await node.waitForSubscriptions(0, settleMs, whose);
  } catch (error) {
    // A node that is gone has no streams to leak: what ended it is the failure.
    if (!(error instanceof XmtpTestError && error.code === "STREAMS_OPEN")) throw error;
    throw new XmtpTestError(
      "LEAKED_STREAMS",
      // Not left to the cause: Playwright shows none for what fails at the end of its process.
      `At the end of ${whose.of?.join(", ") ?? "the test"}: ${error.what}`,
      "End each stream before its owner ends.",
      { cause: error },
    );
  }
}
