import { setTimeout as pause } from "node:timers/promises";

/** How long after an answer that does not do, or none, the URL is asked again, ms. */
const againMs = 100;

/**
 * Resolves once the URL answers with a status below 404, as Playwright's `webServer` has it: a server that asks for a
 * password is ready too.
 */
export async function untilUrlAnswers(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const status = await fetch(url, { signal, redirect: "manual" }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => 0,
    );
    if (signal.aborted || (status >= 200 && status < 404)) return;
    await pause(againMs, undefined, { signal }).catch(() => undefined);
  }
}
