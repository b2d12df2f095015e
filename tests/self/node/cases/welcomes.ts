import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { contents, mls } from "#src/network/proto/index.js";
import { privateMessage } from "../../network/mls-bytes.js";
import { beyond, newData, newGroup, newKey, refusals } from "../target.js";
import type { Case, Rig } from "../target.js";
import { input, stored } from "./group-messages.js";

const { method } = mls.MlsApi;
const { WelcomeWrapperAlgorithm: Algorithm } = contents;
const KEY = Buffer.from("hpke");

type Rest<M> = Partial<Omit<M, "$typeName" | "$unknown">>;

export const v1 = (to: Uint8Array, rest: Rest<mls.WelcomeMessageInput_V1> = {}) => ({
  version: {
    case: "v1" as const,
    value: { installationKey: to, data: newData(), hpkePublicKey: KEY, ...rest },
  },
});

export const pointer = (to: Uint8Array, rest: Rest<mls.WelcomeMessageInput_WelcomePointer> = {}) => ({
  version: {
    case: "welcomePointer" as const,
    value: {
      installationKey: to,
      welcomePointer: newData(),
      hpkePublicKey: KEY,
      wrapperAlgorithm: Algorithm.XWING_MLKEM_768_DRAFT_6,
      ...rest,
    },
  },
});

export const sendWelcomes = (
  { raw }: Rig,
  ...messages: (ReturnType<typeof v1> | ReturnType<typeof pointer>)[]
) => raw.ok(method.sendWelcomeMessages, { messages });

/** The newest welcomes of an installation, oldest first. */
export async function welcomesOf({ raw }: Rig, installationKey: Uint8Array) {
  const { messages } = await raw.ok(method.queryWelcomeMessages, { installationKey });
  return messages.map(({ version }) => version).reverse();
}

const to = newKey();
const NONE = Buffer.alloc(0);
const wrongAlgorithm = "invalid welcome pointer wrapper algorithm";

const refused = refusals(
  method.sendWelcomeMessages,
  (
    [
      ["a welcome without data", v1(to, { data: NONE }), "invalid welcome message"],
      ["a welcome to nobody", v1(NONE), "invalid welcome message"],
      ...[
        Algorithm.UNSPECIFIED,
        Algorithm.CURVE25519,
        Algorithm.XWING_MLKEM_768_DRAFT_6,
        beyond<contents.WelcomeWrapperAlgorithm>(9),
      ].map(
        (wrapperAlgorithm) =>
          [
            `a welcome without wrapper key, algorithm ${wrapperAlgorithm}`,
            v1(to, { hpkePublicKey: NONE, wrapperAlgorithm }),
            "invalid welcome message",
          ] as const,
      ),
      [
        "a symmetric welcome without data",
        v1(to, { data: NONE, hpkePublicKey: NONE, wrapperAlgorithm: Algorithm.SYMMETRIC_KEY }),
        "invalid welcome message",
      ],
      ["a pointer to nothing", pointer(to, { welcomePointer: NONE }), "invalid welcome pointer message"],
      ["a pointer for nobody", pointer(NONE), "invalid welcome pointer message"],
      [
        "a pointer without wrapper key",
        pointer(to, { hpkePublicKey: NONE }),
        "invalid welcome pointer message",
      ],
      [
        "a pointer without algorithm",
        pointer(to, { wrapperAlgorithm: Algorithm.UNSPECIFIED }),
        `${wrongAlgorithm}: ${wrongAlgorithm} WELCOME_POINTER_WRAPPER_ALGORITHM_UNSPECIFIED`,
      ],
      ...[1, 3, 9].map(
        (wrapperAlgorithm) =>
          [
            `a pointer with algorithm ${wrapperAlgorithm}`,
            pointer(to, { wrapperAlgorithm: beyond<contents.WelcomeWrapperAlgorithm>(wrapperAlgorithm) }),
            `${wrongAlgorithm}: ${wrongAlgorithm} ${wrapperAlgorithm}`,
          ] as const,
      ),
      ["a welcome without version", {}, "invalid welcome message: missing version"],
    ] as const
  ).map(([name, message, text]) => ({
    name: `${name}, after a good one`,
    request: () => ({ messages: [v1(to), message] }),
    code: Code.INVALID_ARGUMENT,
    text,
    absent: async (rig) => (await welcomesOf(rig, to)).length,
  })),
);

export const welcomes: readonly Case[] = [
  ...refused,
  ...refusals(method.sendWelcomeMessages, [
    {
      name: "no welcomes to send",
      request: () => ({}),
      code: Code.INVALID_ARGUMENT,
      text: "no welcome messages to send",
    },
  ]),
  ...refusals(method.queryWelcomeMessages, [
    { name: "a query for nobody", request: () => ({}), code: Code.UNKNOWN, text: "installation is required" },
  ]),
  {
    name: "a welcome comes back whole, whether or not its recipient exists",
    run: async (rig) => {
      const me = newKey();
      const sent = v1(me, {
        wrapperAlgorithm: Algorithm.XWING_MLKEM_768_DRAFT_6,
        welcomeMetadata: Buffer.from("meta"),
      });
      await sendWelcomes(rig, sent);
      const [row] = await welcomesOf(rig, me);
      expect(row?.case).toBe("v1");
      const value = row?.value as mls.WelcomeMessage_V1;
      expect(bytes(value)).toEqual(bytes(sent.version.value));
      expect(Buffer.from(value.welcomeMetadata).toString()).toBe("meta");
      expect(value.wrapperAlgorithm).toBe(Algorithm.XWING_MLKEM_768_DRAFT_6);
      expect(value.createdNs % 1000n, "microseconds").toBe(0n);
      expect(value.id).toBeGreaterThan(0n);
    },
  },
  {
    name: "a pointer comes back whole, beside the welcomes of its installation",
    run: async (rig) => {
      const me = newKey();
      const sent = pointer(me);
      await sendWelcomes(rig, v1(me));
      await sendWelcomes(rig, sent);
      const rows = await welcomesOf(rig, me);
      expect(rows.map((row) => row.case)).toEqual(["v1", "welcomePointer"]);
      const value = rows[1]?.value as mls.WelcomeMessage_WelcomePointer;
      expect(Buffer.from(value.welcomePointer)).toEqual(sent.version.value.welcomePointer);
      expect(Buffer.from(value.hpkePublicKey)).toEqual(KEY);
      expect(value.wrapperAlgorithm).toBe(Algorithm.XWING_MLKEM_768_DRAFT_6);
      expect(Number(value.id), "one id sequence").toBeGreaterThan(Number(rows[0]?.value?.id));
    },
  },
  {
    name: "a symmetric welcome needs no wrapper key",
    run: async (rig) => {
      const me = newKey();
      await sendWelcomes(rig, v1(me, { hpkePublicKey: NONE, wrapperAlgorithm: Algorithm.SYMMETRIC_KEY }));
      const [row] = await welcomesOf(rig, me);
      expect(row?.value?.wrapperAlgorithm).toBe(Algorithm.SYMMETRIC_KEY);
    },
  },
  ...[Algorithm.UNSPECIFIED, beyond<contents.WelcomeWrapperAlgorithm>(9)].map((wrapperAlgorithm): Case => ({
    name: `a welcome with algorithm ${wrapperAlgorithm} is kept as CURVE25519`,
    run: async (rig) => {
      const me = newKey();
      await sendWelcomes(rig, v1(me, { wrapperAlgorithm }));
      expect((await welcomesOf(rig, me))[0]?.value?.wrapperAlgorithm).toBe(Algorithm.CURVE25519);
    },
  })),
  {
    name: "duplicates are one row, of welcomes and pointers alike: one hash space, an id burnt each",
    run: async (rig) => {
      const me = newKey();
      const data = newData();
      const last = v1(me);
      await sendWelcomes(rig, v1(me, { data }));
      await sendWelcomes(rig, v1(me, { data, hpkePublicKey: Buffer.from("other") }));
      await sendWelcomes(rig, pointer(me, { welcomePointer: data }));
      await sendWelcomes(rig, last);
      const rows = await welcomesOf(rig, me);
      expect(rows.map((row) => row.case)).toEqual(["v1", "v1"]);
      expect(Buffer.from(rows[0]?.value?.hpkePublicKey ?? [])).toEqual(KEY);
      const gap = Number(rows[1]?.value?.id) - Number(rows[0]?.value?.id);
      if (rig.node) expect(gap, "nobody else sends here").toBe(3);
      else expect(gap).toBeGreaterThanOrEqual(3);
      const somebodyElse = newKey();
      await sendWelcomes(rig, v1(somebodyElse, { data }));
      expect(await welcomesOf(rig, somebodyElse), "the key is part of the hash").toHaveLength(1);
    },
  },
  {
    name: "a batch is stored whole; its ids are in no fixed order",
    run: async (rig) => {
      const me = newKey();
      const sent = Array.from({ length: 20 }, () => v1(me));
      await sendWelcomes(rig, ...sent);
      const rows = (await welcomesOf(rig, me)).map((row) => row.value as mls.WelcomeMessage_V1);
      const hex = (value: { data: Uint8Array }) => Buffer.from(value.data).toString("hex");
      expect(rows.map(hex).sort()).toEqual(sent.map(({ version }) => hex(version.value)).sort());
      expect(new Set(rows.map((row) => row.id)).size).toBe(20);
    },
  },
  {
    name: "ids are per table: a welcome may have the id of a group message",
    embeddedOnly: "a node with traffic of its own is far from equal ids",
    run: async (rig) => {
      const id = newGroup();
      const me = newKey();
      await rig.raw.ok(method.sendGroupMessages, { messages: [input(privateMessage(id, newData()))] });
      await sendWelcomes(rig, v1(me));
      const [message] = await stored(rig, id);
      const [welcome] = await welcomesOf(rig, me);
      // Each table counts on its own: bring the one that is behind up to the other.
      const ahead = Number(message?.id) - Number(welcome?.value?.id);
      const behind = Math.abs(ahead);
      if (ahead > 0) await sendWelcomes(rig, ...Array.from({ length: behind }, () => v1(me)));
      else {
        const messages = Array.from({ length: behind }, () => input(privateMessage(id, newData())));
        if (behind > 0) await rig.raw.ok(method.sendGroupMessages, { messages });
      }
      expect((await stored(rig, id)).at(-1)?.id).toBe((await welcomesOf(rig, me)).at(-1)?.value?.id);
    },
  },
];

const bytes = (value: { installationKey: Uint8Array; data: Uint8Array; hpkePublicKey: Uint8Array }) =>
  [value.installationKey, value.data, value.hpkePublicKey].map((part) => Buffer.from(part).toString("hex"));
