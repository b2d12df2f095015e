import { exactlyOnce, orderPerSender, verdictLines } from "playwright-xmtp/oracles";
import { expect, test } from "playwright-xmtp";
import { losesOnReset } from "../support/sdk-differences.js";
import { expectSound, meet, trySay } from "./support.js";

/** Length of the run under faults; the specification names none. */
const durationMs = Number(process.env["XMTP_RESILIENCE_SECONDS"] ?? "12") * 1_000;

test.describe("stream resilience (xmtpd #1012)", () => {
  // Latency and jitter for the whole test, the clients' creation included.
  test.use({ chaosProfile: { latencyMs: 30, jitterMs: 20 } });

  test("random partitions while all talk; out at the first violation", async ({ chaos, getWorkers }) => {
    const workers = await getWorkers(["alice", "bob", "carol", "dave"]);
    const group = await meet(workers);
    const { events } = workers;
    const violation = new AbortController();
    const unsubscribe = events.subscribe((event) => {
      if (event.kind !== "receive" || violation.signal.aborted) return;
      const verdicts = [exactlyOnce, orderPerSender].map((one) =>
        one(events.events, { conversationId: group }),
      );
      const failed = verdicts.find(({ status }) => status === "fail");
      if (failed) violation.abort(new Error(verdictLines(failed).join("\n")));
    });
    const stop = new AbortController();
    const talking = workers.getAll().map(async (worker) => {
      let sent = 0;
      for (let round = 1; !stop.signal.aborted && !violation.signal.aborted; round++)
        if (await trySay(worker, group, `${worker.name} ${round}`)) sent++;
      return sent;
    });
    const plan = chaos
      .schedule()
      .partitions({ of: workers, everyMs: 3_000, forMs: [500, 1_200] })
      .plan(durationMs);
    const played = await chaos.run(plan, { signal: violation.signal });
    stop.abort();
    const sent = await Promise.all(talking);
    unsubscribe();
    violation.signal.throwIfAborted();
    expect(played.every(({ onMs }) => onMs !== undefined)).toBe(true);
    // How many is the machine's business; that each got through at all is not.
    for (const count of sent) expect(count).toBeGreaterThan(0);
    await chaos.heal();
    const sound = expectSound(workers, group);
    if (!losesOnReset) await sound;
    // What a reset has lost there stays lost, and is what the verdict names; nothing else may be wrong.
    else
      await sound.catch((error: unknown) => expect(String(error)).toMatch(/lacks \d+ of| never received /));
  });
});
