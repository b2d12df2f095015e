import type { TestInfo } from "@playwright/test";

/**
 * Work of a test that is told to end when its time is over. Playwright has said that, and goes on without the test's
 * body; what then becomes of work that the teardown cuts short would be a second error, of which the first is the
 * cause. So the late failure is told to nobody: the promise stays pending, as the body that waits for it is left.
 */
export async function unlessLate<T>(testInfo: Pick<TestInfo, "status">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (testInfo.status !== "timedOut" && testInfo.status !== "interrupted") throw error;
    return await new Promise<never>(() => undefined);
  }
}
