import { setTimeout as delay } from "node:timers/promises";
import { XmtpTestError } from "../../errors.js";
import { startToxiproxy, ToxiproxyControl } from "../../toxiproxy/index.js";
import type { ControlledProxy, EmbeddedToxiproxy } from "../../toxiproxy/index.js";

/** A fault as it was on the line. */
export interface LineFault {
  readonly what: string;
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
}

export interface LineFaultOptions {
  /** `latency:300` (ms), `throttle:20` (KB/s), `blackhole` or `cut`. */
  readonly fault: string;
  /** Seconds from the end of one to the beginning of the next. */
  readonly every: number;
  /** Seconds that each lasts. */
  readonly lasts: number;
}

/** The line of a share of the users, with a fault on it again and again while a run goes on. */
export class LineFaults {
  readonly url: string;
  readonly #server: EmbeddedToxiproxy;
  readonly #control: ToxiproxyControl;
  readonly #stop = new AbortController();
  readonly #done: Promise<readonly LineFault[]>;

  private constructor(
    server: EmbeddedToxiproxy,
    control: ToxiproxyControl,
    proxy: ControlledProxy,
    options: LineFaultOptions,
  ) {
    this.#server = server;
    this.#control = control;
    this.url = `http://${proxy.address}`;
    this.#done = play(proxy, options, this.#stop.signal);
    // Told by `end`.
    this.#done.catch(() => undefined);
  }

  /** @throws XmtpTestError `INVALID_OPTION` for a fault that is none */
  static async start(node: string, options: LineFaultOptions): Promise<LineFaults> {
    faultOf(options.fault);
    const server = await startToxiproxy();
    const control = new ToxiproxyControl(server.url);
    try {
      return new LineFaults(server, control, await control.createProxy("load", new URL(node).host), options);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Takes the line away. @returns the faults that were on it */
  async end(): Promise<readonly LineFault[]> {
    this.#stop.abort();
    try {
      return await this.#done;
    } finally {
      await this.#control[Symbol.asyncDispose]();
      await this.#server.close();
    }
  }
}

async function play(
  proxy: ControlledProxy,
  { fault, every, lasts }: LineFaultOptions,
  signal: AbortSignal,
): Promise<readonly LineFault[]> {
  const { on, off } = faultOf(fault);
  const faults: LineFault[] = [];
  while (await passed(every, signal)) {
    const from = Date.now();
    await on(proxy);
    await passed(lasts, signal);
    await off(proxy);
    faults.push({ what: fault, from, to: Date.now() });
  }
  return faults;
}

/** @returns false when the signal came first */
async function passed(seconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(seconds * 1000, undefined, { signal });
    return true;
  } catch {
    // The only reason to reject is the signal.
    return false;
  }
}

interface Switch {
  readonly on: (proxy: ControlledProxy) => Promise<unknown>;
  readonly off: (proxy: ControlledProxy) => Promise<unknown>;
}

function faultOf(text: string): Switch {
  const [name, value = ""] = text.split(":");
  const amount = /^\d{1,6}$/.test(value) ? Number(value) : 0;
  const off = (proxy: ControlledProxy): Promise<unknown> => proxy.removeAllToxics();
  if (name === "latency" && amount > 0)
    return {
      on: (proxy) => proxy.addToxic({ type: "latency", attributes: { latency: amount, jitter: 0 } }),
      off,
    };
  if (name === "throttle" && amount > 0)
    return { on: (proxy) => proxy.addToxic({ type: "bandwidth", attributes: { rate: amount } }), off };
  if (text === "blackhole")
    return { on: (proxy) => proxy.addToxic({ type: "timeout", attributes: { timeout: 0 } }), off };
  if (text === "cut")
    return { on: (proxy) => proxy.setEnabled(false), off: (proxy) => proxy.setEnabled(true) };
  throw new XmtpTestError(
    "INVALID_OPTION",
    `--fault is "${text}".`,
    "Give latency:300 (ms), throttle:20 (KB/s), blackhole or cut.",
  );
}
