import { noForeign, noLoss, verdictLines } from "playwright-xmtp/oracles";
import { expect } from "playwright-xmtp";
import type { LedgerEvent, ReceiveEvent, SendEvent, Worker } from "playwright-xmtp";
import { trySay } from "./support.js";

/** These talk in turn, so many at a time, until told to stop. */
async function talk(
  talkers: readonly Worker[],
  group: string,
  atOnce: number,
  goesOn: () => boolean,
): Promise<void> {
  const lanes = Array.from({ length: atOnce }, async (_, lane) => {
    const own = talkers.filter((_worker, at) => at % atOnce === lane);
    for (let turn = 1; own.length > 0 && goesOn(); turn++)
      for (const worker of own) {
        if (!goesOn()) return;
        // Who may not talk just now asks the node for what is new, and tries again then.
        if (!(await trySay(worker, group, `${worker.name} in turn ${turn}`)))
          await worker.client.conversations.sync();
      }
  });
  await Promise.all(lanes);
}

export interface UnderTalk {
  readonly talkers: readonly Worker[];
  readonly group: string;
  /** How many talk at the same time. Default 4. */
  readonly atOnce?: number;
  readonly work: (turn: number) => Promise<void>;
  /** Whether there is to be another turn after this many. */
  readonly goesOn: (turns: number) => boolean;
}

/** Does `work` again and again while these talk, at least once. @returns how often */
export async function underTalk({ talkers, group, atOnce = 4, work, goesOn }: UnderTalk): Promise<number> {
  let done = false;
  const talking = talk(talkers, group, atOnce, () => !done);
  let turn = 0;
  try {
    do {
      await work(turn);
      turn += 1;
    } while (goesOn(turn));
  } finally {
    done = true;
    await talking;
  }
  return turn;
}

/** Whether a receipt that is taken out of this very history is missed: the judge of it can fail. */
export function provesLoss(workers: readonly Worker[], conversationId: string): void {
  const [first] = workers;
  const all = first?.events.ledger.events ?? [];
  const sent = all.find((event) => event.kind === "send" && event.outcome === "ok" && !event.automatic);
  const isReceipt = (event: LedgerEvent): boolean =>
    event.kind === "receive" &&
    sent?.kind === "send" &&
    event.messageId === sent.messageId &&
    event.installationId !== sent.installationId;
  const receipt = all.find(isReceipt);
  expect(receipt, "somebody received what was said first").toBeDefined();
  const verdict = noLoss(
    all.filter((event) => event !== receipt),
    { conversationId },
  );
  expect(verdict.status, "the judge, with one receipt taken away").toBe("fail");
  expect(verdictLines(verdict).join("\n")).toContain(receipt?.worker ?? "");
}

/**
 * Nobody was given what was sent while they were out; and whoever were would be found: `text`, said while `outsider`
 * was out, is put among the outsider's receipts as another's stream had it.
 */
export function expectNothingRead(outsider: Worker, conversationId: string, text: string): void {
  const { events } = outsider.events.ledger;
  const verdict = noForeign(events, { conversationId });
  expect(verdict.status, verdictLines(verdict).join("\n")).toBe("pass");
  const isIt = (event: LedgerEvent): event is SendEvent | ReceiveEvent =>
    (event.kind === "send" || event.kind === "receive") && event.payload.text === text;
  const said = events.filter(isIt);
  const sender = said.find(({ kind }) => kind === "send");
  const receipt = said.find((one) => one.kind === "receive" && one.inboxId !== sender?.inboxId);
  expect(receipt, `somebody received "${text}"`).toBeDefined();
  const { name: worker, inboxId, installationId } = outsider;
  const seeded = [...events, { ...receipt, worker, inboxId, installationId } as ReceiveEvent];
  const found = verdictLines(noForeign(seeded, { conversationId })).join("\n");
  expect(found, "the judge, with one receipt too many").toContain(
    `which was sent while ${worker} was out of the group`,
  );
}
