import { describe, expect, test } from "vitest";
import { XmtpTestError } from "#src/errors.js";
import { Disposers } from "#src/playwright/disposers.js";
import { registerTeardown } from "#src/playwright/teardown.js";

const registry = { terminateAll: () => Promise.resolve(), takeFailures: () => [] };

/** What a test's end says when the node answers so. */
async function endWith(answer: () => Promise<void>, workers: () => Promise<void> = registry.terminateAll) {
  const disposers = new Disposers();
  let released = 0;
  registerTeardown(
    disposers,
    { ...registry, terminateAll: workers },
    { waitForSubscriptions: answer, releaseIdleConnections: () => Promise.resolve(++released) },
    new Set(),
  );
  const error: unknown = await disposers.disposeAll().catch((thrown: unknown) => thrown);
  return { error, released };
}

describe("the end of a test", () => {
  test("tells open streams as leaked, with who has them", async () => {
    const cause = new XmtpTestError("STREAMS_OPEN", "1 subscription was still open.", "End it.");
    const { error } = await endWith(() => Promise.reject(cause));
    expect(error).toMatchObject({ code: "LEAKED_STREAMS", cause });
    expect(String(error)).toContain("At the end of the test: 1 subscription was still open.");
  });

  test.each([
    new XmtpTestError("THREAD_ENDED", "The XMTP node thread ended by itself (boom).", "Start again."),
    new TypeError("a defect of ours"),
  ])("tells %s as what it is", async (cause) => {
    const { error } = await endWith(() => Promise.reject(cause));
    expect(error).toBe(cause);
  });

  test("tells a cause that several come upon once", async () => {
    const cause = new XmtpTestError(
      "THREAD_ENDED",
      "The XMTP node thread ended by itself (boom).",
      "Start again.",
    );
    const { error } = await endWith(
      () => Promise.reject(cause),
      () => Promise.reject(cause),
    );
    expect(error).toBe(cause);
  });

  test("lets idle connections go once no stream is open", async () => {
    expect(await endWith(() => Promise.resolve())).toEqual({ error: undefined, released: 1 });
    const leaky = await endWith(() => Promise.reject(new XmtpTestError("STREAMS_OPEN", "One.", "End it.")));
    expect(leaky.released).toBe(0);
  });
});
