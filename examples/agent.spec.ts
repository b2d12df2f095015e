/** An application under test: a bot on the raw SDK, with workers as the people who talk to it. */
import { expect, test as base, typeofStream } from "playwright-xmtp";
import { EchoBot } from "./echo-bot.js";

const test = base.extend<{ bot: EchoBot }>({
  bot: async ({ network }, use, testInfo) => {
    await using bot = await EchoBot.start(network.url, testInfo.outputPath("bot.db3"));
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

test("the bot answers each of two people in their own conversation", async ({ alice, bob, bot }) => {
  for (const person of [alice, bob]) {
    await person.startStream(typeofStream.Message);
    const dm = await person.createDm(bot);
    await person.send(dm, `I am ${person.name}`);
  }
  await expect(alice).toHaveReceivedExactlyOnce("I am alice");
  await expect(bob).toHaveReceivedExactlyOnce("I am bob");
  await expect(alice).not.toHaveReceived("I am bob");
});

test("the bot serves somebody on a bad line", async ({ chaos, alice, bot }) => {
  await alice.startStream(typeofStream.Message);
  const dm = await alice.createDm(bot);
  await chaos.latency(alice, { latencyMs: 80, jitterMs: 40 });
  for (const text of ["one", "two", "three"]) await alice.send(dm, text);
  await expect(alice).toHaveReceivedInOrder(["one", "two", "three"], { timeout: 15_000 });
});
