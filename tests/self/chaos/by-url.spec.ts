import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { startNode } from "#src/network/index.js";
import { runInlineTest, specsOf } from "../inline-project.js";

test.describe.configure({ timeout: 180_000 });

const spec = (options = ""): string => `
  import { expect, test } from "playwright-xmtp";
  ${options}
  test("by its first live subscription", async ({ launch }) => {
    await launch("bot", { command: "echo started; sleep 1000" });
  });
  test("by its output", async ({ launch }) => {
    const bot = await launch("bot", { command: "echo up; sleep 1000", ready: /up/ });
    expect(bot.output).toContain("up");
  });
`;

test("an app on somebody else's node: no waiting for what nobody sees, a sign of its own will do", async () => {
  await using node = await startNode();
  const run = await runInlineTest(
    { "fail.spec.ts": spec(), "skip.spec.ts": spec(`test.use({ xmtpNotEmbedded: "skip" });`) },
    { env: { XMTP_API_URL: node.url } },
  );
  const results = (run.report ? specsOf(run.report) : []).map(({ file, title, tests }) => {
    const [one] = tests;
    return [file, title, one?.status, one?.annotations.find(({ type }) => type === "skip")?.description];
  });
  const [bySubscription, byOutput] = ["by its first live subscription", "by its output"];
  expect(results).toEqual([
    ["fail.spec.ts", bySubscription, "unexpected", undefined],
    ["fail.spec.ts", byOutput, "expected", undefined],
    [
      "skip.spec.ts",
      bySubscription,
      "skipped",
      expect.stringContaining("needs embedded: XmtpTestError: NOT_EMBEDDED"),
    ],
    ["skip.spec.ts", byOutput, "expected", undefined],
  ]);
  expect(run.output).toContain(
    `NOT_EMBEDDED: When bot listens only the embedded node can tell, and the network is ${node.url}.`,
  );
  expect(run.output).not.toContain("APP_NOT_READY");
});

test("an app on somebody else's node has the inbox of the wallet it was given, once it has registered it", async () => {
  await using node = await startNode();
  const echo = `node ${JSON.stringify(fileURLToPath(new URL("../../chaos/bots/echo.mjs", import.meta.url)))}`;
  const run = await runInlineTest(
    {
      "apps.spec.ts": `
        import { expect, test } from "playwright-xmtp";
        test("talks", async ({ launch, alice }) => {
          const bot = await launch("bot", { command: ${JSON.stringify(echo)}, ready: /listening as (?<inbox>\\w+)/ });
          expect(bot.inboxId).toBe(bot.fields.inbox);
          expect(bot.address).toMatch(/^0x[0-9a-f]{40}$/);
          const { content } = await alice.ask(await alice.createDm(bot), "hello", { timeout: 20_000 });
          expect(content).toBe("echo hello");
        });
        test("registers late, or never", async ({ launch }) => {
          const late = ${JSON.stringify(echo)};
          const bot = await launch("bot", { command: "echo starting; " + late, ready: /starting/ });
          const inbox = (await bot.waitForOutput(/listening as (\\w+)/, { timeout: 20_000 }))[1];
          expect(bot.inboxId).toBe(inbox);
          const other = await launch("other", { command: "echo up; sleep 1000", ready: /up/ });
          expect([other.inboxId, other.address]).toEqual(["", ""]);
        });
      `,
    },
    { env: { XMTP_API_URL: node.url } },
  );
  expect(run.output).toContain("2 passed");
});
