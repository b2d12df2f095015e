/** An agent that runs in the test's own process: its line gives it a URL, and makes it somebody that chaos knows. */
import { expect, test as base, typeofStream } from "playwright-xmtp";
import { EchoBot } from "./echo-bot.js";

const test = base.extend<{ bot: EchoBot }>({
  bot: async ({ xmtp }, use, testInfo) => {
    const line = await xmtp.line("bot");
    await using bot = await EchoBot.start(line.url, testInfo.outputPath("bot.db3"));
    await use(bot);
  },
});

test("the bot echoes what it is told, once", async ({ alice, bot }) => {
  await alice.startStream(typeofStream.Message);
  const dm = await alice.createDm(bot);
  await alice.send(dm, "ping");

  await alice.collectMessages(dm.id, 1, { senderInboxId: bot.inboxId, content: "ping" });
  await expect(alice).toHaveReceivedExactlyOnce("ping");
});

test("the bot answers over a slow line", async ({ chaos, alice, bot }) => {
  const dm = await alice.createDm(bot);
  await chaos.latency("bot", 100);
  const answer = await alice.ask(dm, "slowly", { timeout: 20_000 });
  expect(answer).toMatchObject({ content: "slowly", sender: bot.inboxId });
  expect(answer.ms).toBeGreaterThan(200);
});
