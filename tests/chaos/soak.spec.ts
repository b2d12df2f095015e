import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import { setTimeout as elapse } from "node:timers/promises";
import { expect, test } from "playwright-xmtp";
import type { Worker, WorkerManager } from "playwright-xmtp";
import { expectSound, meet, trySay } from "./support.js";

/** `XMTP_SOAK_MINUTES=10` is the long version; without it, a short one with the same rates. */
const minutes = Number(process.env["XMTP_SOAK_MINUTES"] ?? "0.5");
const users = Number(process.env["XMTP_SOAK_USERS"] ?? "20");
/** Faults are drawn anew this often; 10 s in the specification. */
const rerollMs = minutes < 1 ? 6_000 : 10_000;

test.describe("soak (xmtpd #1372)", () => {
  test.setTimeout(minutes * 60_000 + 360_000);

  test(`${users} users talk for ${minutes} minutes while faults are drawn anew`, async ({
    chaos,
    getWorkers,
  }, testInfo) => {
    const workers = await getWorkers(users);
    const group = await meet(workers);
    const plan = chaos
      .schedule()
      .rerolls({ of: workers, everyMs: rerollMs, latencyMs: [60, 250], jitterMs: [0, 30], chance: 0.5 })
      .blips({ of: workers, everyMs: [1_000, 3_000], forMs: [150, 800] })
      .plan(minutes * 60_000);
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    const talking = Promise.all(workers.getAll().map((worker) => talk(worker, group, stop.signal)));
    const watching = watchForks(workers, stop.signal);
    const played = await chaos.run(plan).finally(async () => {
      stop.abort();
      await Promise.allSettled([talking, watching]);
    });
    const [counts, forkChecks] = [await talking, await watching];
    await chaos.heal();
    const from = performance.now();
    await expectSound(workers, group);
    const settledMs = Math.round(performance.now() - from);
    const faults = played.filter(({ onMs }) => onMs !== undefined);
    const figures = { users, minutes, forkChecks, settledMs, ...deliveryFigures(workers, group, counts) };
    await testInfo.attach("soak-figures", {
      contentType: "application/json",
      body: JSON.stringify({
        ...figures,
        faults: faults.length,
        faultsHidden: played.length - faults.length,
      }),
    });
    expect(forkChecks).toBeGreaterThan(0);
    expect(faults.length).toBeGreaterThan(plan.steps.length / 2);
  });
});

/** One message a second, by the clock, whatever the last one took. */
async function talk(worker: Worker, group: string, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  let acknowledged = 0;
  for (let count = 1; !signal.aborted; count++) {
    if (await trySay(worker, group, `${worker.name} ${count}`)) acknowledged++;
    const next = start + count * 1_000;
    // The rate is the specification: there is nothing to wait for but the time.
    await elapse(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined);
  }
  return acknowledged;
}

/** Looks for forks during the run, at one worker after the other; those whose link is down just then are skipped. */
async function watchForks(workers: WorkerManager, signal: AbortSignal): Promise<number> {
  let checks = 0;
  for (const worker of endless(workers.getAll())) {
    if (signal.aborted) return checks;
    for (const { id } of await worker.client.conversations.list()) {
      const info = await (await worker.client.conversations.getConversationById(id))?.debugInfo();
      expect(info?.maybeForked, `${worker.name} is forked`).toBe(false);
    }
    checks++;
    await elapse(500, undefined, { signal }).catch(() => undefined);
  }
  return checks;
}

function* endless<T>(items: readonly T[]): Generator<T> {
  for (;;) yield* items;
}

function deliveryFigures(workers: WorkerManager, group: string, counts: readonly number[]): object {
  const { events } = workers.events;
  const sends = events.flatMap((one) => (one.kind === "send" && one.conversationId === group ? [one] : []));
  const receives = events.flatMap((one) => (one.kind === "receive" ? [one] : []));
  const sentAt = new Map(sends.map((one) => [one.messageId, one.at]));
  const latencies = receives
    .flatMap((one) => {
      const at = sentAt.get(one.messageId);
      return at === undefined || one.source !== "stream" ? [] : [one.at - at];
    })
    .sort((a, b) => a - b);
  const quantile = (share: number): number =>
    Math.round(latencies[Math.floor(latencies.length * share)] ?? -1);
  return {
    attempted: sends.length,
    acknowledged: counts.reduce((sum, one) => sum + one, 0),
    delivered: receives.length,
    fromTheGap: receives.filter(({ source }) => source === "gap").length,
    latencyMs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: quantile(0.999_999) },
  };
}
