// Each test fails with the code that is its title, on a node that is not the embedded one.
import { test } from "playwright-xmtp";
import { startNode } from "playwright-xmtp/network";

test.use({
  xmtpApiUrl: [
    async ({}, use) => {
      const node = await startNode();
      await use(node.url);
      await node.close();
    },
    { scope: "worker" },
  ],
});

test("NOT_EMBEDDED", ({ network }) => void network);
test("NO_HISTORY_SERVER", async ({ alice }) => void (await alice.client.sendSyncRequest()));
