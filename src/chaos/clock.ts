import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";

/**
 * Waits until a moment of `performance.now()`: a schedule's times are its meaning, there is nothing else to
 * wait for.
 *
 * @returns false when `signal` was aborted before
 */
export async function until(moment: number, signal?: AbortSignal): Promise<boolean> {
  // Timers may be early by 1 ms (libuv #4773), and 32 bits long at most.
  while (signal?.aborted !== true && performance.now() < moment) {
    const ms = Math.min(Math.ceil(moment - performance.now()), 2 ** 30);
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }
  return signal?.aborted !== true;
}
