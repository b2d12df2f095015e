import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InboxCheck } from "../../../../src/load/checking/inbox-check.js";
import type { LoadMessage } from "../../../../src/load/population/message.js";

const me = 0;
const from = (user: number, seq: number, more: Partial<LoadMessage> = {}): LoadMessage => ({
  run: "r",
  conversation: 1,
  user,
  seq,
  sentAt: 1_000 * seq,
  failed: [],
  ...more,
});
const at = (sentAtNs: string, id = "a"): { id: string; sentAtNs: string } => ({ id, sentAtNs });
const check = (): InboxCheck => new InboxCheck(me, { slackMs: 100 });

describe("the receive side of a user", () => {
  it("knows its own messages, new ones and second copies", () => {
    const inbox = check();
    expect(inbox.arrived(from(me, 1), at("1"))).toBe("own");
    expect(inbox.arrived(from(2, 1), at("1"))).toBe("new");
    expect(inbox.arrived(from(2, 1), at("1"))).toBe("duplicate");
    expect(inbox.arrived(from(2, 1, { conversation: 9 }), at("1"))).toBe("new");
    expect(inbox.has(1, 2)).toBe(true);
    expect(inbox.has(1, 3)).toBe(false);
  });

  it("tells a message that its sender's SDK published again, once", () => {
    const inbox = check();
    expect(inbox.arrived(from(2, 1), at("1"))).toBe("new");
    expect(inbox.arrived(from(2, 1), at("2"))).toBe("republished");
    expect(inbox.arrived(from(2, 1), at("3"))).toBe("duplicate");
  });

  it("tells the same message under another id", () => {
    const inbox = check();
    expect(inbox.arrived(from(2, 1), at("1"))).toBe("new");
    expect(inbox.arrived(from(2, 1), at("2", "b"))).toBe("duplicate");
  });

  it("remembers the times of the last arrivals only", () => {
    const inbox = check();
    for (let seq = 1; seq <= 257; seq++) inbox.arrived(from(2, seq), at("1"));
    expect(inbox.arrived(from(2, 1), at("2"))).toBe("duplicate");
    expect(inbox.arrived(from(2, 2), at("2"))).toBe("republished");
  });

  it("excuses what was sent in an outage, and a little around it", () => {
    const inbox = check();
    inbox.streamFailed(5_000);
    inbox.streamRestarted(6_000);
    const stored = [1, 2, 3, 4, 5].map((seq) => from(2, seq, { sentAt: 4_950 + 300 * seq }));
    expect(inbox.missing(stored).map(({ seq, how }) => [seq, how])).toEqual([
      [1, "outage"],
      [2, "outage"],
      [3, "outage"],
      [4, "stream"],
      [5, "stream"],
    ]);
  });

  it("does not miss attempts of which a later message says that they failed", () => {
    const inbox = check();
    inbox.arrived(from(2, 1), at("1"));
    inbox.arrived(from(2, 4, { failed: [2] }), at("1"));
    const stored = [from(2, 1), from(2, 4, { failed: [2] })];
    expect(inbox.missing(stored)).toEqual([{ conversation: 1, sender: 2, seq: 3, how: "store" }]);
  });

  it("finds exactly what a model of a lossy network lost, in any order", () => {
    // Per message of two senders: whether it was there before, is stored, is streamed, and how often.
    const fate = fc.record({
      before: fc.boolean(),
      stored: fc.boolean(),
      copies: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(fate, { maxLength: 12 }),
        fc.array(fate, { maxLength: 12 }),
        fc.nat(),
        (a, b, turn) => {
          const inbox = check();
          const sent = [a, b].flatMap((fates, sender) =>
            fates.map((one, index) => ({ ...one, message: from(sender + 1, index + 1) })),
          );
          for (const { before, message } of sent) if (before) inbox.wasThere(message);
          const arrivals = sent.flatMap(({ copies, message }) =>
            Array.from({ length: copies }, () => message),
          );
          const cut = arrivals.length === 0 ? 0 : turn % arrivals.length;
          const seen = [...arrivals.slice(cut), ...arrivals.slice(0, cut)].map((one) =>
            inbox.arrived(one, at("1")),
          );
          expect(seen.filter((one) => one === "duplicate").length).toBe(
            sent.filter(({ copies }) => copies === 2).length,
          );
          const isStored = (one: (typeof sent)[number]): boolean => one.stored || one.before;
          const stored = sent.filter(isStored).map(({ message }) => message);
          const lastOf = (user: number): number =>
            Math.max(
              0,
              ...sent.flatMap((one) =>
                one.message.user === user && (isStored(one) || one.copies > 0) ? [one.message.seq] : [],
              ),
            );
          const expected = sent.flatMap((one) => {
            const { before, copies, message } = one;
            const { user, seq } = message;
            if (copies > 0 || before) return [];
            if (isStored(one)) return [`${user} ${seq} stream`];
            // A gap shows by a later message only.
            return seq < lastOf(user) ? [`${user} ${seq} store`] : [];
          });
          const found = inbox.missing(stored).map(({ sender, seq, how }) => `${sender} ${seq} ${how}`);
          expect(found.sort()).toEqual(expected.sort());
        },
      ),
    );
  });
});
