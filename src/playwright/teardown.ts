import { throwTogether, XmtpTestError } from "../errors.js";
import type { Disposers } from "./disposers.js";

interface Registry {
  terminateAll(): Promise<void>;
  takeFailures(): Error[];
}

interface Node {
  waitForSubscriptions(count: number, timeoutMs: number): Promise<void>;
  releaseIdleConnections(): Promise<number>;
}

/** How long the node may take to notice that the last stream of a test has ended, ms. */
const settleMs = 5_000;

/**
 * Registers the end of a test's workers: all are ended, what failed in the background fails the test, and
 * an embedded node must then have no open subscription left; it lets idle connections of ended workers go.
 */
export function registerTeardown(disposers: Disposers, registry: Registry, node: Node | undefined): void {
  disposers.add("workers", "the XMTP workers", () => registry.terminateAll(), 30_000);
  disposers.add("checks", "the check for background failures", () => {
    throwTogether(registry.takeFailures());
    return Promise.resolve();
  });
  if (!node) return;
  disposers.add("checks", "the check for leaked streams", async () => {
    try {
      await node.waitForSubscriptions(0, settleMs);
    } catch (error) {
      // A node that is gone has no streams to leak: what ended it is the failure.
      if (!(error instanceof XmtpTestError && error.code === "STREAMS_OPEN")) throw error;
      throw new XmtpTestError(
        "LEAKED_STREAMS",
        "The node still has open subscriptions after the test.",
        "A stream was not ended; the cause names them.",
        { cause: error },
      );
    }
    await node.releaseIdleConnections();
  });
}
