import { clearTimeout, setTimeout } from "node:timers";
import { XmtpTestError, throwTogether, toError } from "../errors.js";

/** When a disposer runs: faults are lifted first, so that closing a worker is not slowed by our own chaos. */
export const phases = ["faults", "workers", "proxies", "checks"] as const;
export type Phase = (typeof phases)[number];

interface Disposer {
  readonly name: string;
  readonly phase: Phase;
  readonly timeoutMs: number;
  readonly dispose: () => Promise<void>;
}

/**
 * What a test must give back. Registered *before* the resource is up, because Playwright never runs the
 * teardown of a fixture whose own setup threw or timed out.
 *
 * Runs by phase, and in reverse order within one. Each disposer has a deadline of its own and none stops
 * another; what failed is thrown together, by name.
 */
export class Disposers {
  readonly #disposers: Disposer[] = [];

  add(phase: Phase, name: string, dispose: () => Promise<void>, timeoutMs = 10_000): void {
    this.#disposers.push({ name, phase, timeoutMs, dispose });
  }

  async disposeAll(): Promise<void> {
    const errors: Error[] = [];
    for (const phase of phases) {
      const mine = this.#disposers.filter((disposer) => disposer.phase === phase).reverse();
      for (const disposer of mine) {
        await bounded(disposer).catch((error: unknown) => errors.push(toError(error)));
      }
    }
    this.#disposers.length = 0;
    throwTogether(errors);
  }
}

async function bounded({ name, timeoutMs, dispose }: Disposer): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const what = `${name} did not end within ${timeoutMs} ms.`;
      reject(new XmtpTestError("TEARDOWN_TIMEOUT", what, "It may have leaked; the run goes on without it."));
    }, timeoutMs);
  });
  try {
    await Promise.race([dispose(), late]);
  } finally {
    clearTimeout(timer);
  }
}
