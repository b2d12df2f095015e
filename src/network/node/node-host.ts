import { MessageChannel } from "node:worker_threads";
import { XmtpTestError } from "../../errors.js";
import { threadEntry } from "../../threads/entry.js";
import { ThreadHost } from "../../threads/thread-host.js";
import { checkedNodeOptions } from "./node-options.js";
import type { NodeOptions } from "./node-options.js";
import type { NodeThread, NodeThreadData } from "./node-thread.js";
import { PortEvents } from "./port-events.js";
import { verdictOf } from "./wallet-hook.js";
import type { WalletQuestion } from "./wallet-hook.js";

/** A thread that does not stop its servers within this time is ended as it is. */
const CLOSE_TIMEOUT_MS = 5_000;

/** The node's thread, as the process that started it holds it: its start, its calls, its events, its end. */
export class NodeHost {
  readonly thread: ThreadHost<NodeThread>;
  readonly portEvents: PortEvents;
  readonly url: string;
  readonly historyUrl: string;

  private constructor(
    thread: ThreadHost<NodeThread>,
    portEvents: PortEvents,
    ports: { port: number; historyPort: number },
  ) {
    this.thread = thread;
    this.portEvents = portEvents;
    this.url = `http://127.0.0.1:${ports.port}`;
    this.historyUrl = `http://127.0.0.1:${ports.historyPort}`;
    // Once for each time that changes begin to be refused, and once when they are taken again.
    thread.onEvent("trouble", (trouble) => process.emitWarning(String(trouble), "XmtpNodeWarning"));
  }

  /** @throws XmtpTestError as `startNode` does */
  static async start(options: NodeOptions): Promise<NodeHost> {
    const checked = checkedNodeOptions(options);
    const { port1, port2 } = new MessageChannel();
    const data: NodeThreadData = { ...checked, portEvents: port2 };
    const entry = threadEntry("node", new URL("./node-thread.js", import.meta.url));
    const started = ThreadHost.start<NodeThread>(entry, { name: "XMTP node", data, transfer: [port2] });
    const { host, ready } = await started.catch((error: unknown) => {
      port1.close();
      throw error;
    });
    const ask = options.verifySmartContractWallet;
    host.onEvent("verifyWallet", (event) => {
      const { id, question } = event as WalletQuestion;
      // Rejects only when the thread has ended, and then nobody waits for the verdict.
      void verdictOf(ask, question)
        .then((verdict) => host.call("walletVerdict", id, verdict))
        .catch(() => undefined);
    });
    return new NodeHost(host, new PortEvents(port1), ready as { port: number; historyPort: number });
  }

  /**
   * Stops the node, then ends its thread, in this order: ending a thread in the middle of an HTTP/2 request aborts the
   * whole process (Node 20: "Assertion failed: onread->IsFunction()" in stream_base.cc).
   */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    try {
      await Promise.race([this.thread.call("stop").then(() => this.thread.call("release")), deadline]);
    } catch (error) {
      // A thread that died by itself has nothing left to stop.
      if (!(error instanceof XmtpTestError && error.code === "THREAD_ENDED")) throw error;
    } finally {
      clearTimeout(timer);
      await this.thread.terminate();
      // The thread's end closes it too, but later: nothing of the node may be open once this resolves.
      this.portEvents.close();
    }
  }
}
