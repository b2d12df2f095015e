import { randomBytes } from "node:crypto";
import { expect, test as base } from "@playwright/test";
import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { environmentPlace } from "#src/environment.js";
import { connectNetwork, startNode } from "#src/network/index.js";
import type { EmbeddedNode, NodeStats } from "#src/network/index.js";
import { RawClient } from "../network/grpc-client.js";
import type { TypedMethod } from "../network/grpc-client.js";

/** The node under conformance: the embedded one, or one given by URL. */
export interface Target {
  readonly url: string;
  /** Undefined for a node given by URL. */
  readonly node: EmbeddedNode | undefined;
}

/** What a case works with. Ids are random: nobody may count on an empty store, or on being alone. */
export interface Rig extends Target {
  readonly raw: RawClient;
}

/** One fact about the node. */
export interface Case {
  readonly name: string;
  /** Why only the embedded node can show it. */
  readonly embeddedOnly?: string;
  /** Hundreds of calls in turn: three times the usual time. */
  readonly slow?: boolean;
  readonly run: (rig: Rig) => Promise<void>;
}

/** A call that the node must refuse, and after which nothing may have changed. */
export interface Refusal<I extends DescMessage> {
  readonly name: string;
  readonly request: () => MessageInitShape<I> | Promise<MessageInitShape<I>>;
  readonly code: number;
  /** The documented text; a pattern where the rest is the validation library's own. */
  readonly text: string | RegExp;
  /** Looks for what must not be there, on any node. Counts of the embedded node are compared anyway. */
  readonly absent?: (rig: Rig, request: MessageInitShape<I>) => Promise<unknown>;
}

export const test = base.extend<{ rig: Rig }, { target: Target }>({
  target: [
    async ({}, use) => {
      const { apiUrl: url, env } = environmentPlace();
      if (url !== undefined || env !== "embedded") {
        const network = await connectNetwork({ env, ...(url === undefined ? {} : { url }) });
        await use({ url: network.url, node: undefined });
        return;
      }
      await using node = await startNode();
      await use({ url: node.url, node });
    },
    { scope: "worker" },
  ],
  rig: async ({ target }, use) => {
    await using raw = new RawClient(target.url);
    await use({ ...target, raw });
  },
});

/** Makes one case of each refusal of a method. */
export function refusals<I extends DescMessage, O extends DescMessage>(
  method: TypedMethod<I, O>,
  table: readonly Refusal<I>[],
): Case[] {
  return table.map(({ name, request, code, text, absent }) => ({
    name: `refused: ${name}`,
    run: async (rig) => {
      const message = await request();
      const before = await counts(rig);
      const outcome = await rig.raw.call(method, message);
      expect(outcome.status, outcome.message).toBe(code);
      if (typeof text === "string") expect(outcome.message).toBe(text);
      else expect(outcome.message).toMatch(text);
      expect(await absent?.(rig, message), "stored all the same").toBeFalsy();
      expect(await counts(rig), "rows of the embedded node").toEqual(before);
    },
  }));
}

/** Rows in every table of the embedded node; undefined for any other. */
export async function counts({ node }: Target): Promise<Partial<NodeStats> | undefined> {
  if (!node) return undefined;
  const { groupMessages, welcomes, identityUpdates, keyPackages, commitLogEntries } = await node.stats();
  return { groupMessages, welcomes, identityUpdates, keyPackages, commitLogEntries };
}

export const newGroup = (): Buffer => randomBytes(16);
export const newKey = (): Buffer => randomBytes(32);
/** Bytes that nobody has stored yet. */
export const newData = (text = ""): Buffer => Buffer.concat([Buffer.from(text), randomBytes(12)]);
/** An enum value that the protocol does not have; the wire carries any number. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the enum that has no such value
export const beyond = <E extends number>(value: number): E => value as E;
