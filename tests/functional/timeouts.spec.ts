/** A deadline of 0 or `Infinity` is none, as in Playwright, wherever a verb or a matcher takes one; nonsense is refused. */
import { expect, typeofStream, verifyMessageStream } from "playwright-xmtp";
import type { Chaos, LedgerOracle, Worker, WorkerDm, WorkerManager } from "playwright-xmtp";
import type { EmbeddedNode } from "playwright-xmtp/network";
import { test } from "../support/place.js";
import type { Place } from "../support/place.js";

const { Message, GroupUpdated, Conversation, Consent } = typeofStream;

interface Scene {
  readonly workers: WorkerManager;
  readonly alice: Worker;
  readonly bob: Worker;
  readonly dm: WorkerDm;
  readonly chaos: Chaos;
  /** A text that nobody has sent before. */
  readonly text: string;
  /** A group that bob is not in yet. */
  readonly group: { readonly id: string };
}

/** Waits with this deadline for what `act` does only afterwards. */
interface Row {
  readonly name: string;
  readonly wait: (scene: Scene, timeout: number) => Promise<unknown>;
  readonly act?: (scene: Scene) => Promise<unknown>;
}

const say = ({ alice, dm, text }: Scene): Promise<unknown> => alice.send(dm, text);
const add = ({ alice, bob, group }: Scene): Promise<unknown> => alice.addMembers(group, [bob]);
const hasText =
  (text: string): LedgerOracle =>
  (events) =>
    events.some((event) => event.kind === "receive" && event.payload.text === text)
      ? { status: "pass", oracle: "hasText", checked: 1 }
      : { status: "inconclusive", oracle: "hasText", reason: "not yet" };

/** Waits for the fault's hit. If that is refused, the fault is hit all the same: one that hit nothing is an error. */
async function hitAtLast(
  fault: { waitForHit(options: { timeout: number }): Promise<void>; lift(): Promise<void> },
  timeout: number,
  hit: () => Promise<unknown>,
): Promise<void> {
  try {
    await fault.waitForHit({ timeout });
  } catch (error) {
    await hit();
    throw error;
  } finally {
    await fault.lift();
  }
}

const rows: Row[] = [
  {
    // First, so that no earlier row's conversation counts.
    name: "collectConversations",
    wait: ({ bob, alice }, timeout) =>
      bob.collectConversations(alice, 1, { timeout, afterSeq: bob.events.ledger.length }),
    act: add,
  },
  {
    name: "toHaveReceived",
    wait: ({ bob, text }, timeout) => expect(bob).toHaveReceived(text, { timeout }),
    act: say,
  },
  {
    name: "toHaveReceivedExactlyOnce",
    wait: ({ bob, text }, timeout) => expect(bob).toHaveReceivedExactlyOnce(text, { timeout }),
    act: say,
  },
  {
    name: "toHaveReceivedInOrder",
    wait: ({ bob, text }, timeout) => expect(bob).toHaveReceivedInOrder([text], { timeout }),
    act: say,
  },
  {
    name: "expect.configure",
    wait: ({ bob, text }, timeout) => expect.configure({ timeout })(bob).toHaveReceived(text),
    act: say,
  },
  {
    name: "toHaveConversation",
    wait: ({ bob, group }, timeout) => expect(bob).toHaveConversation(group.id, { timeout }),
    act: add,
  },
  {
    name: "toHaveConverged",
    wait: ({ alice, bob, group }, timeout) => expect([alice, bob]).toHaveConverged(group.id, { timeout }),
    act: add,
  },
  {
    name: "toHaveMembers",
    wait: async ({ alice, bob, group }, timeout) =>
      expect(await alice.conversation(group.id)).toHaveMembers([alice, bob], { timeout }),
    act: add,
  },
  {
    name: "toSatisfy",
    wait: ({ bob, text }, timeout) => expect([bob]).toSatisfy(hasText(text), { timeout }),
    act: say,
  },
  {
    name: "toHaveNoActiveStreams",
    wait: ({ alice }, timeout) => expect(alice).toHaveNoActiveStreams({ timeout }),
    act: ({ alice }) => alice.endStream(),
  },
  {
    name: "collectMessages",
    wait: ({ bob, dm, text }, timeout) => bob.collectMessages(dm, 1, { content: text, timeout }),
    act: say,
  },
  {
    name: "collectGroupUpdates",
    wait: ({ bob, group, text }, timeout) => bob.collectGroupUpdates(group, 1, { newValue: text, timeout }),
    act: async (scene) => {
      await add(scene);
      await scene.bob.sync();
      await scene.alice.updateName(scene.group, scene.text);
    },
  },
  {
    name: "collectAddedMembers",
    wait: ({ bob, group, workers }, timeout) =>
      bob.collectAddedMembers(group, [workers.get("carol")], { timeout }),
    act: async (scene) => {
      await add(scene);
      await scene.bob.sync();
      await scene.alice.addMembers(scene.group, [scene.workers.get("carol")]);
    },
  },
  {
    name: "collectConsentUpdates",
    wait: ({ bob, group }, timeout) => bob.collectConsentUpdates(1, { entity: group.id, timeout }),
    act: async (scene) => {
      await add(scene);
      await scene.bob.sync();
      await scene.bob.setConsent("conversation", scene.group.id, "allowed");
    },
  },
  {
    name: "ask",
    wait: ({ alice, dm, text }, timeout) => alice.ask(dm, text, { timeout }),
    act: async ({ bob, dm, text }) => {
      await expect(bob).toHaveReceived(text);
      await bob.send(dm, "an answer");
    },
  },
  { name: "untilDrained", wait: ({ bob }, timeout) => bob.untilDrained({ timeout }) },
  { name: "checkForks", wait: ({ workers }, timeout) => workers.checkForks({ timeout }) },
  {
    name: "verifyMessageStream",
    wait: async ({ bob, dm }, timeout) => expect(await verifyMessageStream(dm, [bob], { timeout })).toHold(),
  },
  { name: "heal", wait: ({ chaos }, timeout) => chaos.heal({ timeout }) },
];

/** Those of the embedded node, which alone makes faults and counts. */
const rowsOfTheNode = (node: EmbeddedNode): Row[] => [
  {
    name: "waitForHit of chaos.node",
    wait: async ({ chaos, alice, dm, text }, timeout) => {
      const fault = await chaos.node.delayCalls(alice, "SendGroupMessages", 1);
      await hitAtLast(fault, timeout, () => alice.send(dm, text));
    },
    act: say,
  },
  {
    name: "waitForHit of network",
    wait: async ({ alice, dm, text }, timeout) => {
      const fault = await node.delayCalls("SendGroupMessages", 1);
      await hitAtLast(fault, timeout, () => alice.send(dm, text));
    },
    act: say,
  },
  {
    name: "waitForSubscriptions",
    wait: (_, timeout) => node.waitForSubscriptions(0, { timeout, of: ["alice"] }),
    act: ({ alice }) => alice.endStream(),
  },
];

const rowsOn = ({ node }: Place): Row[] => [...rows, ...(node ? rowsOfTheNode(node) : [])];

for (const timeout of [0, Infinity]) {
  test(`a timeout of ${timeout} waits for as long as it takes`, async ({ chaos, getWorkers, place }) => {
    test.slow();
    const workers = await getWorkers(["alice", "bob", "carol"]);
    const { alice, bob } = workers;
    const dm = await alice.createDm(bob);
    for (const { name, wait, act } of rowsOn(place)) {
      await test.step(name, async () => {
        for (const type of [Message, GroupUpdated, Conversation, Consent]) await bob.startStream(type);
        await alice.startStream(Message);
        const group = await alice.createGroup([]);
        const scene = { workers, alice, bob, dm, chaos, group, text: `${name} ${timeout}` };
        let early = true;
        const waiting = wait(scene, timeout).then(() => early);
        // Handled below; until then it must not count as unhandled.
        waiting.catch(() => undefined);
        await bob.sync();
        early = false;
        await act?.(scene);
        const wasEarly = await waiting;
        if (act) expect(wasEarly, "it waited for what came later").toBe(false);
      });
    }
  });
}

test("a timeout that is not a time is refused wherever one is taken", async ({
  chaos,
  getWorkers,
  place,
}) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const { alice, bob } = workers;
  const dm = await alice.createDm(bob);
  const scene = { workers, alice, bob, dm, chaos, group: dm, text: "text" };
  // Playwright itself takes the numbers of expect.configure.
  for (const { name, wait } of rowsOn(place).filter((row) => row.name !== "expect.configure")) {
    for (const timeout of [-1, NaN, "100" as never]) {
      await expect(wait(scene, timeout), `${name} with ${timeout}`).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining("A timeout of"),
      });
    }
  }
});
