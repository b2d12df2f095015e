import { test as base } from "@playwright/test";
import { startNode } from "#src/network/index.js";
import type { EmbeddedNode } from "#src/network/index.js";
import { RawClient } from "./grpc-client.js";

/** A node of the test's own, and a raw client on it. */
export const test = base.extend<{ node: EmbeddedNode; raw: RawClient }>({
  node: async ({}, use) => {
    await using node = await startNode();
    await use(node);
  },
  raw: async ({ node }, use) => {
    await using client = new RawClient(node.url);
    await use(client);
  },
});
