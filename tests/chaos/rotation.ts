import { expect } from "playwright-xmtp";
import type { Chaos, Worker, WorkerManager } from "playwright-xmtp";
import { race } from "./races.js";
import { expectSound, groupOf, meet, recoveryMs, say } from "./support.js";
import { expectNothingRead, underTalk } from "./talking.js";

export interface Rotation {
  readonly chaos: Chaos;
  readonly workers: WorkerManager;
  /** How long members leave and come back, ms. */
  readonly forMs: number;
  /** How long each worker keeps a latency, ms. */
  readonly everyMs: number;
}

/**
 * One member after the other is removed and added again, each time with new keys for all, while everybody talks, who is
 * out as well, over lines of 300 to 700 ms.
 *
 * Judged by the membership at the time of sending: who was in, as the sender knew it, must be able to read it; who was
 * out must not.
 */
export async function rotateUnderTalk({ chaos, workers, forMs, everyMs }: Rotation): Promise<void> {
  const all = workers.getAll();
  const creator = workers.getCreator();
  const others = workers.getAllButCreator();
  const group = await meet(workers, "key rotation");
  const mine = await groupOf(creator, group);
  const before = (await creator.snapshot(group)).epoch;
  const plan = chaos
    .schedule()
    .rerolls({ of: workers, everyMs, latencyMs: [300, 700], jitterMs: [50, 200] })
    .plan(forMs);

  const rotate = async (turn: number): Promise<void> => {
    const member = others[turn % others.length] as Worker;
    const { name, inboxId } = member;
    const isIn = async (): Promise<boolean> => {
      await mine.sync();
      return (await mine.members()).some((one) => one.inboxId === inboxId);
    };
    // Talkers' own commits may win the race of the epoch: it is tried until it is done.
    while (await isIn()) await race(() => mine.removeMembers([inboxId]));
    await say(creator, group, withoutText(name, turn));
    while (!(await isIn())) await race(() => mine.addMembers([inboxId]));
    await say(creator, group, withText(name, turn));
  };

  let isOver = false;
  const failed = new AbortController();
  const goesOn = (done: number): boolean => done < 2 || !isOver;
  const [played, turns] = await Promise.all([
    chaos.run(plan, { signal: failed.signal }).finally(() => (isOver = true)),
    underTalk({ talkers: all, group, atOnce: all.length, work: rotate, goesOn }).catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  ]);
  await chaos.heal();

  expect(played.filter(({ onMs }) => onMs !== undefined).length, "faults").toBeGreaterThan(0);
  for (const worker of all) await worker.client.conversations.syncAll();
  for (let turn = 0; turn < turns; turn++) {
    const member = others[turn % others.length] as Worker;
    await expect(member).toHaveReceived(withText(member.name, turn), { timeout: recoveryMs });
  }
  await expectSound(workers, group, { racing: true, returning: true });
  const after = await creator.snapshot(group);
  expect(after.members).toHaveLength(all.length);
  expect(after.epoch - before, "a removal and an addition each turn").toBeGreaterThanOrEqual(2 * turns);
  const [first] = others as [Worker];
  expectNothingRead(first, group, withoutText(first.name, 0));
}

const withoutText = (name: string, turn: number): string => `without ${name} in turn ${turn}`;
const withText = (name: string, turn: number): string => `with ${name} again in turn ${turn}`;
