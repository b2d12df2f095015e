/** The order in which the SDK lists messages reaches snapshots, and so the oracle that compares it. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { convergence } from "../../../../src/oracles/index.js";
import { takeSnapshot } from "../../../../src/workers/sdk/snapshot.js";
import type { AnyClient, AnyConversation, AnyMessage } from "../../../../src/workers/sdk/shapes.js";
import type { Binding } from "../../../../src/workers/sdk/loading/binding.js";
import { flatten } from "../../../../src/workers/sdk/messages.js";

const message = (id: string, sentAtNs: number, reactions: readonly AnyMessage[] = []): AnyMessage =>
  ({
    ...{ id, conversationId: "c", senderInboxId: "inbox-alice", contentType: { typeId: "text" } },
    ...{ kind: "application", sentAtNs: BigInt(sentAtNs), content: id, reactions },
  }) as unknown as AnyMessage;

async function snapshotOf(worker: string, listed: readonly AnyMessage[]) {
  const client = { inboxId: `inbox-${worker}`, installationId: `${worker}-1` } as AnyClient;
  const conversation = {
    id: "c",
    messages: () => Promise.resolve(listed),
    members: () => Promise.resolve([]),
    debugInfo: () =>
      Promise.resolve({ epoch: 1n, maybeForked: false, forkDetails: "", isCommitLogForked: false }),
    isActive: true,
    consentState: 1,
  } as unknown as AnyConversation;
  const taken = await takeSnapshot(client, {} as Binding, conversation, "c");
  return { worker, ...taken, fork: "healthy" as const };
}

it("convergence sees two installations whose SDKs list messages of one time in another order", async () => {
  const [m1, m2, m3] = [message("m1", 5), message("m2", 5), message("m3", 5)] as const;
  const alice = await snapshotOf("alice", [m1, m2, m3]);
  expect(convergence([alice, await snapshotOf("bob", [m1, m2, m3])]).status).toBe("pass");
  expect(convergence([alice, await snapshotOf("bob", [m3, m1, m2])])).toMatchObject({
    offenders: [{ kind: "message-order", worker: "bob" }],
  });
  const late = [message("m1", 9), m2, m3];
  expect(convergence([alice, await snapshotOf("bob", late)]).status, "times are not the order").toBe("pass");
});

it("what is inside of messages stands where its time puts it, and nothing else moves", () => {
  const times = fc.array(fc.tuple(fc.nat(9), fc.array(fc.nat(9), { maxLength: 2 })), { maxLength: 6 });
  fc.assert(
    fc.property(times, (given) => {
      const listed = given.map(([time, inner], at) =>
        message(
          `m${at}`,
          time,
          inner.map((other, index) => message(`r${at}-${index}`, other)),
        ),
      );
      const all = flatten(listed);
      const outer = all.filter(({ id }) => id.startsWith("m"));
      expect(outer.map(({ id }) => id)).toEqual(listed.map(({ id }) => id));
      expect(all).toHaveLength(given.reduce((sum, [, inner]) => sum + 1 + inner.length, 0));
      const inside = all.filter(({ id }) => id.startsWith("r"));
      for (const [index, one] of inside.entries()) {
        const time = Number(one.sentAtNs);
        expect(time).toBeGreaterThanOrEqual(Number(inside[index - 1]?.sentAtNs ?? 0));
        const next = all.slice(all.indexOf(one) + 1).find(({ id }) => id.startsWith("m"));
        if (next) expect(Number(next.sentAtNs)).toBeGreaterThan(time);
      }
    }),
    { seed: 20261124 },
  );
});
