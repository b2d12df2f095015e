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
