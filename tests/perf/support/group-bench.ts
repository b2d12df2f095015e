import type { Worker, WorkerManager } from "playwright-xmtp";
import type { PopulatedInbox } from "./population.js";
import { receiverCount } from "./env.js";

type Group = Awaited<ReturnType<WorkerManager["createGroupBetweenAll"]>>;

/** Who is in the groups of one size, and the group that operations after "newGroup" work on. */
export interface GroupBench {
  readonly size: number;
  readonly creator: Worker;
  /** Real clients. */
  readonly receivers: readonly Worker[];
  /** Everyone but the creator: the receivers, then padding up to `size - 1`. */
  readonly others: readonly { readonly inboxId: string; readonly address: string }[];
  /** Registered inboxes that are in no group yet. */
  readonly spare: readonly PopulatedInbox[];
}

/** Makes the workers of a group of `size` and pads them with `members`. */
export async function groupBench(
  size: number,
  members: readonly PopulatedInbox[],
  getWorkers: (names: readonly string[]) => Promise<WorkerManager>,
): Promise<GroupBench> {
  const names = Array.from({ length: Math.min(receiverCount, size - 1) }, (_, at) => `receiver${at + 1}`);
  const workers = await getWorkers(["creator", ...names]);
  const receivers = workers.getAllButCreator();
  const padding = members.slice(0, size - 1 - receivers.length);
  return {
    size,
    creator: workers.getCreator(),
    receivers,
    others: [...receivers, ...padding],
    spare: members.slice(padding.length),
  };
}

/** A group of all members of the bench. */
export async function newGroup({ creator, others }: GroupBench, groupName: string): Promise<Group> {
  return await creator.client.conversations.createGroup(
    others.map(({ inboxId }) => inboxId),
    { groupName },
  );
}

export type { Group };
