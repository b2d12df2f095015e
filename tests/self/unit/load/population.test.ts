import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../../../src/load/population/message.js";
import { Population } from "../../../../src/load/population/population.js";
import { partOf, readShard, usersOf } from "../../../../src/load/population/shard.js";
import { checkSettings } from "../../../../src/load/steps/settings.js";

const options = { seed: "s", run: "r", users: 40, groups: 9, groupSize: 8, dms: 12 };

describe("a population", () => {
  it("is the same for the same seed and run, on any machine", () => {
    const [one, other] = [new Population(options), new Population(options)];
    expect(one.conversations).toEqual(other.conversations);
    expect(one.inboxId(7)).toBe(other.inboxId(7));
    expect(new Population({ ...options, seed: "t" }).conversations).not.toEqual(one.conversations);
    expect(new Population({ ...options, run: "q" }).inboxId(7)).not.toBe(one.inboxId(7));
  });

  it("has groups of the size asked for, everybody in one before anybody is in two", () => {
    const sizes = fc.record({
      users: fc.integer({ min: 2, max: 60 }),
      groups: fc.integer({ min: 0, max: 12 }),
      groupSize: fc.integer({ min: 1, max: 20 }),
      dms: fc.integer({ min: 0, max: 10 }),
      seed: fc.string(),
    });
    fc.assert(
      fc.property(sizes, (asked) => {
        const groupSize = Math.min(asked.groupSize, asked.users);
        const dms = Math.min(asked.dms, Math.floor((asked.users * (asked.users - 1)) / 4));
        const population = new Population({ ...asked, groupSize, dms, run: "r" });
        const groups = population.conversations.filter(({ kind }) => kind === "group");
        const pairs = population.conversations.filter(({ kind }) => kind === "dm");
        expect([groups.length, pairs.length]).toEqual([asked.groups, dms]);
        for (const { members } of groups) expect(new Set(members).size).toBe(groupSize);
        expect(new Set(pairs.map(({ members }) => [...members].sort().join(" "))).size).toBe(dms);
        const times = Array.from(
          { length: asked.users },
          (_, user) => groups.filter(({ members }) => members.includes(user)).length,
        );
        expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(2);
        for (let user = 0; user < asked.users; user++)
          for (const { members } of population.of(user)) expect(members).toContain(user);
      }),
    );
  });

  it("is dealt to shards and their parts whole, nobody twice", () => {
    const parts = [1, 2, 3].flatMap((current) =>
      [1, 2].map((part) => usersOf(partOf({ current, total: 3 }, part, 2), 100)),
    );
    expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at));
    for (const text of ["0/2", "3/2", "1", "a/b", "1/0"])
      expect(() => readShard(text)).toThrow(`INVALID_OPTION: The shard of a load test is "${text}".`);
  });

  it("has members of one group on different shards", () => {
    const { conversations } = new Population(options);
    const first = new Set(usersOf({ current: 1, total: 4 }, options.users));
    const alone = conversations.filter(
      ({ kind, members }) => kind === "group" && members.every((one) => first.has(one)),
    );
    expect(alone).toEqual([]);
  });
});

describe("the text of a message", () => {
  it("says what it was made from, at any length", () => {
    const message = fc.record({
      run: fc.stringMatching(/^[\w.-]{1,12}$/),
      conversation: fc.nat(),
      user: fc.nat(),
      seq: fc.nat(),
      sentAt: fc.integer({ min: 0, max: 2 ** 41 }).map((ms) => ms + 0.25),
      failed: fc.array(fc.nat(), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(message, fc.integer({ min: 0, max: 500 }), (one, bytes) => {
        const text = encodeMessage(one, bytes);
        expect(text.length).toBeGreaterThanOrEqual(bytes);
        expect(decodeMessage(text)).toEqual(one);
      }),
    );
  });

  it("is nothing to whoever gets other content", () => {
    for (const content of ["gm", "xmtp-load", "xmtp-load r 1 2", undefined, 3, { a: 1 }])
      expect(decodeMessage(content)).toBeUndefined();
  });
});

describe("settings", () => {
  it("have defaults that make everybody talk", () => {
    expect(checkSettings({ users: 30 })).toMatchObject({ groups: 3, groupSize: 10, dms: 0, lateMs: 2_000 });
    expect(checkSettings({ users: "12" })).toMatchObject({ users: 12 });
  });

  it("are refused by name", () => {
    const bad: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /config\.variables\.xmtp is undefined/],
      [{}, /users is undefined\. Give a whole number from 1/],
      [{ users: 10, user: 3 }, /xmtp has user\. Known are users/],
      [{ users: 10, groupSize: 11 }, /groupSize is 11\. Give a whole number from 1 to 10/],
      [{ users: 2.5 }, /users is 2\.5/],
      [{ users: 4, talk: [] }, /talk is \[\]/],
      [{ users: 4, talk: [{ rate: 1 }] }, /seconds is undefined/],
      [{ users: 4, lineShare: 2 }, /lineShare is 2\. Give a number from 0 to 1/],
      [{ users: 4, groups: 0 }, /no group and no DM/],
    ];
    for (const [given, text] of bad) expect(() => checkSettings(given)).toThrow(text);
  });
});
