import { createHash } from "node:crypto";
import { forkStatus, verdictLines } from "playwright-xmtp/oracles";
import { expect } from "playwright-xmtp";
import type { Inbox, Worker, WorkerManager } from "playwright-xmtp";
import { expectSound, groupOf, meet, recoveryMs, say } from "./support.js";

/** What libxmtp (1.9) says to a commit that lost every one of its races; nothing was changed then. */
const lostRace = /sync failed to wait|intent|epoch/i;

/** Runs an operation; true when it was done, false when it lost the race. */
export async function race(operation: () => Promise<unknown>): Promise<boolean> {
  try {
    await operation();
    return true;
  } catch (error) {
    if (error instanceof Error && lostRace.test(error.message)) return false;
    throw error;
  }
}

/** More would come near the ten that libxmtp allows an inbox. */
const mostInstallations = 3;

export interface RaceToEpoch {
  readonly workers: WorkerManager;
  /** One for each worker, which adds and removes it. */
  readonly strangers: readonly Inbox[];
  readonly seed: string;
  readonly epoch: bigint;
  readonly groups: number;
}

/**
 * Everybody does something at random in every group at once, round after round: renames it, adds or removes a
 * stranger, makes an installation, talks. Until every group is at `epoch`; then all installations must agree.
 */
export async function raceToEpoch({ workers, strangers, seed, epoch, groups }: RaceToEpoch): Promise<void> {
  const all = workers.getAll();
  const creator = workers.getCreator();
  const draw = drawFrom(seed);
  const ids: string[] = [];
  for (let count = 1; count <= groups; count++) ids.push(await meet(workers, `race ${count}`));
  for (const id of ids) {
    const mine = await groupOf(creator, id);
    for (const worker of all) if (worker !== creator) await mine.addSuperAdmin(worker.inboxId);
  }
  for (const worker of all) await worker.client.conversations.syncAll();

  const inside = new Set<string>();
  const added: Worker[] = [];
  const made = new Map<string, number>();
  const install = async (worker: Worker): Promise<unknown> => {
    if ((made.get(worker.name) ?? 0) >= mostInstallations) return undefined;
    made.set(worker.name, (made.get(worker.name) ?? 0) + 1);
    return added.push(await worker.addNewInstallation());
  };
  const move = async (worker: Worker, id: string, stranger: string): Promise<void> => {
    const mine = await groupOf(worker, id);
    const key = `${id} ${stranger}`;
    const leaves = inside.has(key);
    const done = await race(() => (leaves ? mine.removeMembers([stranger]) : mine.addMembers([stranger])));
    if (!done) inside[(await isMember(mine, stranger)) ? "add" : "delete"](key);
    else if (leaves) inside.delete(key);
    else inside.add(key);
  };
  const slowest = async (): Promise<bigint> => {
    const epochs = await Promise.all(ids.map(async (id) => (await creator.snapshot(id)).epoch));
    return epochs.map(BigInt).reduce((least, one) => (one < least ? one : least));
  };

  let round = 0;
  for (; (await slowest()) < epoch; round++) {
    const turns = ids.flatMap((id) =>
      all.map(async (worker, at) => {
        const stranger = strangers[at % strangers.length]?.inboxId ?? "";
        const text = `${worker.name} in round ${round}`;
        const kind = draw(5);
        if (kind === 0) await race(async () => await (await groupOf(worker, id)).updateName(text));
        else if (kind === 1 || kind === 2) await move(worker, id, stranger);
        else if (kind === 3) await install(worker);
        else await race(() => say(worker, id, text));
      }),
    );
    await Promise.all(turns);
    await workers.checkForks();
  }
  expect(round, "rounds").toBeGreaterThan(0);
  expect(added.length, "new installations").toBeGreaterThan(0);
  for (const id of ids) {
    await expectSound(workers, id, { racing: true });
    // A commit of now is what lets the newest installations in.
    await (await groupOf(creator, id)).updateName("settled");
    const settled = await creator.snapshot(id);
    for (const worker of added) {
      await worker.client.conversations.sync();
      await expect(worker).toHaveConversation(id, { timeout: recoveryMs });
      await (await groupOf(worker, id)).sync();
      expect((await worker.snapshot(id)).epoch, `${worker.name} in ${id}`).toBe(settled.epoch);
    }
    await expectNoFork([...all, ...added], id);
  }
}

/**
 * All installations are in one state of the group, and whoever were not would be found: the same snapshots, with the
 * last one in another state, must fail by its name.
 */
export async function expectNoFork(installations: readonly Worker[], id: string): Promise<void> {
  for (const worker of installations) await (await groupOf(worker, id)).sync();
  const snapshots = await Promise.all(installations.map(async (worker) => await worker.snapshot(id)));
  const verdict = forkStatus(snapshots);
  expect(verdict.status, verdictLines(verdict).join("\n")).toBe("pass");
  const [victim] = snapshots.slice(-1);
  expect(victim?.epochAuthenticator, "the SDK shows its state").toBeDefined();
  const seeded = snapshots.map((one) => (one === victim ? { ...one, epochAuthenticator: "of a fork" } : one));
  const found = forkStatus(seeded);
  expect(found.status, "the judge, with one installation in another state").toBe("fail");
  expect(verdictLines(found).join("\n")).toContain(`${victim?.worker} is forked at epoch ${victim?.epoch}`);
}

async function isMember(
  group: { sync(): Promise<unknown>; members(): Promise<{ inboxId: string }[]> },
  inboxId: string,
) {
  await group.sync();
  return (await group.members()).some((one) => one.inboxId === inboxId);
}

/** Numbers below `most`, the same for the same seed. */
function drawFrom(seed: string): (most: number) => number {
  let at = 0;
  return (most) => createHash("sha256").update(`${seed} ${at++}`).digest().readUInt32BE(0) % most;
}
