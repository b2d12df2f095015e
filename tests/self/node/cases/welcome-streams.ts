import { expect } from "@playwright/test";
import { Code } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { RawClient } from "../../network/grpc-client.js";
import { newKey } from "../target.js";
import type { Case, Rig } from "../target.js";
import { pointer, sendWelcomes, v1, welcomesOf } from "./welcomes.js";

const { method } = mls.MlsApi;
const follow = (raw: RawClient, ...filters: [key: Uint8Array, idCursor?: bigint][]) =>
  raw.subscribe(method.subscribeWelcomeMessages, {
    filters: filters.map(([installationKey, idCursor = 0n]) => ({ installationKey, idCursor })),
  });
const idsOf = (messages: readonly mls.WelcomeMessage[]) => messages.map(({ version }) => version.value?.id);
const idsIn = async (rig: Rig, key: Uint8Array) => (await welcomesOf(rig, key)).map(({ value }) => value?.id);

const refused = (
  [
    ["no filters", [], "no valid filters provided"],
    ["a filter for nobody", [[newKey()], [Buffer.alloc(0)]], "a filter is nil or installation key is empty"],
  ] as const
).map(([name, filters, message]): Case => ({
  name: `refused, after the header: ${name}`,
  run: async ({ raw }) => {
    const stream = follow(raw, ...filters.map(([key]): [Uint8Array] => [key]));
    expect(await stream.headers).toMatchObject({ subscribed: "true" });
    expect(await stream.ended).toMatchObject({ status: Code.INVALID_ARGUMENT, message });
  },
}));

export const welcomeStreams: readonly Case[] = [
  ...refused,
  {
    name: "headers come at once; history after the cursor, then live, welcomes and pointers alike",
    run: async (rig) => {
      const me = newKey();
      await sendWelcomes(rig, v1(me));
      await sendWelcomes(rig, pointer(me));
      const cursor = (await idsIn(rig, me))[0];
      const stream = follow(rig.raw, [me, cursor]);
      expect(await stream.headers).toMatchObject({ ":status": 200, subscribed: "true" });
      await stream.atLeast(1);
      await sendWelcomes(rig, v1(me));
      await sendWelcomes(rig, v1(newKey()));
      await sendWelcomes(rig, pointer(me));
      const received = await stream.atLeast(3);
      expect(received.map(({ version }) => version.case)).toEqual(["welcomePointer", "v1", "welcomePointer"]);
      expect(idsOf(received)).toEqual((await idsIn(rig, me)).slice(1));
    },
  },
  {
    name: "several installations on one stream, and a cursor ahead of the table hides nothing live",
    run: async (rig) => {
      const [a, b] = [newKey(), newKey()];
      const stream = follow(rig.raw, [a, 2n ** 63n - 1n], [b]);
      await stream.headers;
      await sendWelcomes(rig, v1(a));
      await stream.atLeast(1);
      await sendWelcomes(rig, v1(b));
      expect(idsOf(await stream.atLeast(2))).toEqual([...(await idsIn(rig, a)), ...(await idsIn(rig, b))]);
    },
  },
  {
    name: "a slow consumer gets the 1024 welcomes buffered for it, then a plain end",
    run: async (rig) => {
      const me = newKey();
      await using lazy = new RawClient(rig.url);
      const slow = follow(lazy, [me]);
      await slow.headers;
      slow.stream.pause();
      const quick = follow(rig.raw, [me]);
      await quick.headers;
      const sent = 2_500;
      const data = (at: number) => Buffer.from(`${at} ${"x".repeat(300)}`);
      for (let at = 0; at < sent; at += 100) {
        await sendWelcomes(rig, ...Array.from({ length: 100 }, (_, one) => v1(me, { data: data(at + one) })));
        await quick.atLeast(at + 100);
      }
      const written = (await rig.node?.stats())?.deliveries;
      slow.stream.resume();
      expect(await slow.ended).toMatchObject({ status: Code.OK, message: "" });
      const received = idsOf(slow.received);
      expect(received).toEqual(idsOf(quick.received).slice(0, received.length));
      expect(received.length).toBeGreaterThan(1_024);
      expect(received.length).toBeLessThan(sent);
      const after = (await rig.node?.stats())?.deliveries;
      if (written !== undefined && after !== undefined) expect(after - written).toBe(1_024);
    },
  },
];
