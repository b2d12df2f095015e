import { describe, expect, test } from "vitest";
import { untilListening } from "../../../../src/apps/listening.js";
import type { ListeningLine } from "../../../../src/apps/listening.js";

type Told = Parameters<Parameters<ListeningLine["onEvent"]>[0]>[0];

const welcomes: Told = { what: "subscribed", brings: ["welcome"] };
const messages: Told = { what: "subscribed", brings: ["group"] };
const times = { restMs: 5, patienceMs: 100_000 };

/** An app at its port: what it is told of is told by hand; when it called last, by a list whose end stands. */
function portOf(calls: readonly (number | undefined | Error)[] = [0]) {
  const listeners = new Set<(event: Told) => void>();
  let asked = 0;
  return {
    listeners,
    asked: () => asked,
    tell: (...events: Told[]) => {
      for (const event of events) for (const listener of [...listeners]) listener(event);
    },
    onEvent: (listener: (event: Told) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sinceLastCall: (): Promise<number | undefined> => {
      const answer = calls[Math.min(asked++, calls.length - 1)];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
}

/** Whether it is settled once all that has happened has been heard. */
async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  const mark = (): void => void (done = true);
  promise.then(mark, mark);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  return done;
}

describe("an app listens", () => {
  test.each<[string, Told[]]>([
    ["a stream of group messages", [messages]],
    ["one of topics with a group among them", [{ what: "subscribed", brings: ["group", "welcome"] }]],
    ["a bidirectional one that follows a group", [{ what: "followed", brings: ["group"] }]],
    ["agent-sdk's streams, one after the other", [welcomes, welcomes, messages]],
  ])("by %s", async (_, told) => {
    const port = portOf();
    const listening = untilListening(port, new AbortController().signal, times);
    expect(await settled(listening)).toBe(false);
    port.tell(...told);
    expect(await settled(listening)).toBe(true);
    expect(port.listeners.size).toBe(0);
  });

  test.each<[string, Told[]]>([
    ["nothing", []],
    ["streams of welcomes, while it calls on", [welcomes, welcomes]],
    ["a bidirectional stream that follows nothing yet", [{ what: "subscribed", brings: [] }]],
    ["one that follows welcomes, while it calls on", [{ what: "followed", brings: ["welcome"] }]],
    ["the end of an earlier run's stream", [{ what: "unsubscribed", brings: ["group"] }]],
    [
      "what it publishes and gets",
      [
        { what: "published", brings: [] },
        { what: "delivered", brings: [] },
      ],
    ],
  ])("not by %s", async (_, told) => {
    const port = portOf();
    const test = new AbortController();
    const listening = untilListening(port, test.signal, times);
    port.tell(...told);
    expect(await settled(listening)).toBe(false);
    test.abort();
    await listening;
    expect(port.listeners.size).toBe(0);
  });

  test("by welcomes alone once it has made no call for so long, by the node's clock", async () => {
    const port = portOf([0, 3, 4, 5]);
    const listening = untilListening(port, new AbortController().signal, times);
    port.tell(welcomes);
    await listening;
    expect(port.asked()).toBe(4);
  });

  test("by welcomes alone at last, though it never rests", async () => {
    const port = portOf([0]);
    const listening = untilListening(port, new AbortController().signal, { restMs: 1, patienceMs: 20 });
    port.tell(welcomes);
    await listening;
    expect(port.asked()).toBeGreaterThan(0);
    expect(port.listeners.size).toBe(0);
  });

  test("or the node's end is told", async () => {
    const port = portOf([new Error("the node has ended")]);
    const listening = untilListening(port, new AbortController().signal, times);
    port.tell(welcomes);
    await expect(listening).rejects.toThrow("the node has ended");
    expect(port.listeners.size).toBe(0);
  });
});
