/** Random expectations and observations: the verification calculus equals counting and trying all subsequences. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { verify, verifyMessages } from "../../../../src/oracles/index.js";
import type { Installation } from "../../../../src/oracles/index.js";
import { conversation, LedgerBuilder } from "./ledger-builder.js";

const runs = { numRuns: 200, seed: 20261123 };
const all = new Set(["pass", "fail", "inconclusive"]);

function receiver(worker: string, inbox = worker): Installation {
  return { worker, inboxId: `inbox-${inbox}`, installationId: `${worker}-1` };
}

/** The longest of all subsequences that rise. */
function longestRising(places: readonly number[]): number {
  let longest = 0;
  for (let mask = 0; mask < 1 << places.length; mask++) {
    const chosen = places.filter((_, index) => (mask >> index) & 1);
    const rises = chosen.every((place, index) => index === 0 || place > (chosen[index - 1] ?? 0));
    if (rises) longest = Math.max(longest, chosen.length);
  }
  return longest;
}

function countOf<T>(items: readonly T[], item: T): number {
  return items.filter((one) => one === item).length;
}

it("verify: received, missing, duplicates, foreign, order, latencies, shares and verdict", () => {
  const seen = new Set<string>();
  const keys = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 });
  const observations = fc.array(fc.constantFrom("a", "a", "b", "b", "c", "c", "z"), { maxLength: 6 });
  const cases = fc.record({
    wanted: keys,
    faithful: fc.tuple(fc.boolean(), fc.boolean()),
    random: fc.tuple(observations, observations),
    receivers: fc.constantFrom(0, 1, 1, 2),
    foreign: fc.constantFrom("fail", "list", undefined),
  });
  fc.assert(
    fc.property(cases, ({ wanted, faithful, random, receivers, foreign }) => {
      const installations = ["bob", "carol"].slice(0, receivers).map((name) => receiver(name));
      const lists = random.map((one, index) => (faithful[index] ? wanted : one));
      const expected = wanted.map((key, place) => ({ key, label: `${key} at ${place}`, at: place }));
      const observed = lists.flatMap((list, who) =>
        list.map((key, index) => {
          const seq = 1 + index + who * 10;
          return {
            installationId: `${["bob", "carol"][who]}-1`,
            key,
            label: `${key} ${seq}`,
            at: 100 * seq,
            seq,
          };
        }),
      );

      let got = 0;
      let ordered = 0;
      const offenders: string[] = [];
      const reports = installations.map(({ worker, installationId }, who) => {
        const list = lists[who] ?? [];
        const label = (index: number): string => `${list[index]} ${1 + index + who * 10}`;
        // The nth copy of a key is for the nth place that wants it.
        const placeOf = (index: number): number | undefined => {
          const key = list[index];
          const places = wanted.flatMap((one, place) => (one === key ? [place] : []));
          return places[countOf(list.slice(0, index), key)];
        };
        const indexes = list.map((_, index) => index);
        const met = indexes.filter((index) => placeOf(index) !== undefined);
        const rest = indexes.filter((index) => placeOf(index) === undefined);
        const isWanted = (index: number): boolean => wanted.some((key) => key === list[index]);
        const places = met.map((index) => placeOf(index) ?? 0);
        const late = met.filter((index, nth) =>
          places.slice(0, nth).some((place) => place > (places[nth] ?? 0)),
        );
        const missing = wanted.flatMap((key, place) =>
          countOf(wanted.slice(0, place), key) >= countOf(list, key) ? [`${key} at ${place}`] : [],
        );
        const duplicates = rest.filter((index) => isWanted(index));
        const strangers = rest.filter((index) => !isWanted(index));
        got += met.length;
        ordered += longestRising(places);
        const seq = (index: number): number => 1 + index + who * 10;
        offenders.push(
          ...missing.map(() => `${worker} missing `),
          ...duplicates.map((index) => `${worker} duplicate ${seq(index)}`),
          ...late.map((index) => `${worker} out-of-order ${seq(index)}`),
          ...(foreign === "list" ? [] : strangers.map((index) => `${worker} foreign ${seq(index)}`)),
        );
        return {
          worker,
          installationId,
          inboxId: `inbox-${worker}`,
          received: met.map(label),
          missing,
          duplicates: duplicates.map(label),
          foreign: strangers.map(label),
          outOfOrder: late.map(label),
          latencies: met.map((index, nth) => {
            return { label: label(index), ms: 100 * seq(index) - (places[nth] ?? 0) };
          }),
        };
      });
      const asked = wanted.length * receivers;
      const share = (count: number): number | undefined => (asked === 0 ? undefined : (100 * count) / asked);
      const status = offenders.length > 0 ? "fail" : asked === 0 ? "inconclusive" : "pass";
      seen.add(status);

      const done = verify(
        "test",
        installations,
        expected,
        observed,
        foreign === undefined ? {} : { foreign },
      );
      expect(done.receivers).toEqual(reports);
      expect([done.receptionPercent, done.orderPercent]).toEqual([share(got), share(ordered)]);
      expect(done.verdict.status).toBe(status);
      const found = done.verdict.status === "fail" ? done.verdict.offenders : [];
      expect(found.map((one) => `${one.worker} ${one.kind} ${one.seqs.join(" ")}`).sort()).toEqual(
        offenders.sort(),
      );
    }),
    runs,
  );
  expect(seen).toEqual(all);
});

it("verifyMessages: counts messages by id, sender and value, over streams, rereads, echoes and answers", () => {
  const seen = new Set<string>();
  const met = new Set<string>();
  const send = fc.record({
    from: fc.constantFrom("alice", "alice", "bob"),
    text: fc.constantFrom("x", "y"),
    automatic: fc.constantFrom(false, false, false, true),
    expected: fc.constantFrom(true, true, true, false),
  });
  const copy = fc.record({
    which: fc.nat(2),
    to: fc.constantFrom("alice", "alice-b", "bob", "carol"),
    source: fc.constantFrom("stream", "stream", "gap", "query"),
    as: fc.constantFrom("sent", "sent", "sent", "sent", "sent", "by mallory", "elsewhere"),
  });
  const cases = fc.record({
    sends: fc.array(send, { maxLength: 3 }),
    complete: fc.boolean(),
    copies: fc.array(copy, { maxLength: 6 }),
    who: fc.constantFrom("alice", "alice-b", "bob", "carol", "carol"),
  });
  fc.assert(
    fc.property(cases, ({ sends, complete, copies, who }) => {
      const ledger = new LedgerBuilder();
      const inboxOf = (name: string): string => `inbox-${name === "alice-b" ? "alice" : name}`;
      const events = sends.map(({ from, text, automatic }, index) =>
        ledger.send(from, text, { automatic, messageId: `m${index}` }),
      );
      const ideal = sends.map((_, which) => ({ which, to: who, source: "stream", as: "sent" }));
      const given = (complete ? ideal : copies).filter((one) => one.which < sends.length);
      for (const { which, to, source, as } of given) {
        const { from, text } = sends[which] ?? { from: "", text: "" };
        ledger.receive(to, text, as === "by mallory" ? "mallory" : from, {
          inboxId: inboxOf(to),
          source: source as "gap",
          messageId: `m${which}${as === "by mallory" ? " forged" : ""}`,
          ...(as === "elsewhere" && { conversationId: "other" }),
        });
      }

      // How often each message counts: as often as it was streamed, and once when only the database had it.
      const wanted = sends.filter((one) => one.expected).map((one) => `${one.from} ${one.text}`);
      const count = { received: 0, duplicates: 0, strangers: 0 };
      for (const [which, { from, text, automatic, expected }] of sends.entries()) {
        for (const as of ["sent", "by mallory"]) {
          const mine = given.filter((one) => one.which === which && one.to === who && one.as === as);
          const streamed = mine.filter((one) => one.source === "stream").length;
          const times = mine.length === 0 ? 0 : Math.max(1, streamed);
          if (times === 0) continue;
          const isTwin = wanted.includes(`${from} ${text}`);
          if (as === "by mallory") count.strangers += times;
          else if (who === from) met.add("echo");
          else if (expected) {
            count.received += 1;
            count.duplicates += times - 1;
          } else if (automatic && isTwin) count.duplicates += times;
          else if (automatic) met.add("answer");
          else {
            if (isTwin) met.add("twin that is not expected");
            count.strangers += times;
          }
          if (who === "alice-b" && from === "alice" && as === "sent") met.add("other installation");
        }
      }
      const { received, duplicates, strangers } = count;

      const done = verifyMessages(ledger.events, [receiver(who, who === "alice-b" ? "alice" : who)], {
        conversationId: conversation,
        messages: events.filter((_, index) => sends[index]?.expected),
      });
      const [report] = done.receivers;
      expect({
        received: report?.received.length,
        missing: report?.missing.length,
        duplicates: report?.duplicates.length,
        foreign: report?.foreign.length,
        percent: done.receptionPercent,
      }).toEqual({
        received,
        missing: wanted.length - received,
        duplicates,
        foreign: strangers,
        percent: wanted.length === 0 ? undefined : (100 * received) / wanted.length,
      });
      seen.add(done.verdict.status);
    }),
    runs,
  );
  expect(seen).toEqual(all);
  expect(met).toEqual(new Set(["echo", "answer", "other installation", "twin that is not expected"]));
});
