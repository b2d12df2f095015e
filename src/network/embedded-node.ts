import { ThreadHost } from "../threads/thread-host.js";
import { XmtpTestError, errorText } from "../errors.js";
import type { FaultOptions } from "./faults.js";
import type {
  SmartContractWalletAnswer,
  SmartContractWalletQuestion,
} from "./identity/smart-contract-wallet.js";
import type { TestWallet } from "./identity/test-wallets.js";
import type { NodeThread, NodeThreadData } from "./node-thread.js";
import type { SubscriptionInfo } from "./store/subscriptions.js";
import type { WalletQuestion, WalletVerdict } from "./wallet-hook.js";
import { checkPort, listenError } from "./ports.js";
import type { NodeStats, XmtpNetwork } from "./types.js";

export interface NodeOptions {
  /** gRPC port on 127.0.0.1. Default 0 = a free one. */
  readonly port?: number;
  /** History server's port on 127.0.0.1. Default 0 = a free one. */
  readonly historyPort?: number;
  /**
   * Decides whether a smart contract wallet accepts a signature, in place of the registry of
   * {@link EmbeddedNode.addSmartContractWallet}. Throwing means "cannot tell" (UNAVAILABLE).
   */
  readonly verifySmartContractWallet?: (
    question: SmartContractWalletQuestion,
  ) => SmartContractWalletAnswer | Promise<SmartContractWalletAnswer>;
}

/** A thread that does not stop its servers within this time is ended as it is. */
const CLOSE_TIMEOUT_MS = 5_000;

/** An XMTP node in a thread of this process, data in memory, reachable on the loopback address only. */
export class EmbeddedNode implements XmtpNetwork, AsyncDisposable {
  readonly kind = "embedded";
  readonly env = "embedded";
  readonly url: string;
  readonly historyUrl: string;
  readonly #thread: ThreadHost<NodeThread>;
  #stopped = false;
  #closed: Promise<void> | undefined;

  private constructor(thread: ThreadHost<NodeThread>, ports: { port: number; historyPort: number }) {
    this.#thread = thread;
    this.url = `http://127.0.0.1:${ports.port}`;
    this.historyUrl = `http://127.0.0.1:${ports.historyPort}`;
  }

  /** @internal use `startNode` */
  static async start(options: NodeOptions): Promise<EmbeddedNode> {
    const data: NodeThreadData = {
      port: checkPort(options.port ?? 0),
      historyPort: checkPort(options.historyPort ?? 0),
      walletHook: options.verifySmartContractWallet !== undefined,
    };
    const { host, ready } = await ThreadHost.start<NodeThread>(new URL("./node-thread.js", import.meta.url), {
      name: "XMTP node",
      data,
    }).catch((error: unknown) => {
      throw listenError(error);
    });
    const ask = options.verifySmartContractWallet;
    host.onEvent("verifyWallet", (event) => {
      const { id, question } = event as WalletQuestion;
      // Rejects only when the thread has ended, and then nobody waits for the verdict.
      void verdictOf(ask, question)
        .then((verdict) => host.call("walletVerdict", id, verdict))
        .catch(() => undefined);
    });
    return new EmbeddedNode(host, ready as { port: number; historyPort: number });
  }

  stats(): Promise<NodeStats> {
    return this.#thread.call("stats");
  }

  subscriptions(): Promise<readonly SubscriptionInfo[]> {
    return this.#thread.call("subscriptions");
  }

  /**
   * Resolves once at most `n` subscriptions are open.
   *
   * @throws XmtpTestError `STREAMS_OPEN` after `timeoutMs`, naming who is still subscribed
   */
  waitForSubscriptions(n: number, timeoutMs: number): Promise<void> {
    return this.#thread.call("waitForSubscriptions", n, timeoutMs);
  }

  /**
   * Makes the next calls of a method fail, for `times` calls or `forMs` ms. A method has one fault at a time.
   *
   * @param method for example "SendGroupMessages"
   * @throws XmtpTestError `BAD_METHOD` with the known names
   */
  failNext(method: string, options: FaultOptions): Promise<void> {
    return this.#thread.call("failNext", method, options);
  }

  /** Takes back all faults that wait for calls. */
  clearFaults(): Promise<void> {
    return this.#thread.call("clearFaults");
  }

  /** Ends all client connections: asked to go ("goaway", open calls may finish), or torn down by a TCP reset. */
  dropConnections(how: "goaway" | "reset"): Promise<void> {
    return this.#thread.call("dropConnections", how);
  }

  /** Ends all open subscriptions with this gRPC status code. */
  endStreams(code: number, message = "stream ended by the test"): Promise<void> {
    return this.#thread.call("endStreams", code, message);
  }

  /** True between {@link stop} and {@link start}. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Makes the node accept signatures of `owner` for the contract account `account`. An account may have several owners. */
  addSmartContractWallet(wallet: TestWallet): Promise<void> {
    return this.#thread.call("addWallet", wallet);
  }

  /** Frees the ports and ends all connections; data is kept for {@link start}. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#thread.call("stop");
  }

  /**
   * Listens again, on the same ports.
   *
   * @throws XmtpTestError `PORT_IN_USE` when somebody took one meanwhile
   */
  async start(): Promise<void> {
    try {
      await this.#thread.call("start");
    } catch (error) {
      throw listenError(error);
    }
    this.#stopped = false;
  }

  /** Writes all data to a file, for {@link restore} in another run. */
  snapshot(file: string): Promise<void> {
    return this.#thread.call("snapshot", file);
  }

  /**
   * Replaces all data by a snapshot's.
   *
   * @throws XmtpTestError `BAD_SNAPSHOT`, or `STREAMS_OPEN` while someone is subscribed
   */
  restore(file: string): Promise<void> {
    return this.#thread.call("restore", file);
  }

  /**
   * Stops the node, then ends its thread. Idempotent.
   *
   * In this order, because ending a thread in the middle of an HTTP/2 request aborts the whole process
   * (Node 20: "Assertion failed: onread->IsFunction()" in stream_base.cc).
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#stopped = true;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    });
    try {
      await Promise.race([this.#thread.call("stop"), deadline]);
    } catch (error) {
      // A thread that died by itself has nothing left to stop.
      if (!(error instanceof XmtpTestError && error.code === "THREAD_ENDED")) throw error;
    } finally {
      clearTimeout(timer);
      await this.#thread.terminate();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function verdictOf(
  ask: NodeOptions["verifySmartContractWallet"],
  question: SmartContractWalletQuestion,
): Promise<WalletVerdict> {
  try {
    return ask ? await ask(question) : { error: "no verifier" };
  } catch (error) {
    return { error: errorText(error) };
  }
}
