/** An agent under test, as a process of its own: unmodified, with workers as the people who talk to it. */
import { join } from "node:path";
import { expect, test } from "playwright-xmtp";

const bot = { command: "node bot.mjs", cwd: join(import.meta.dirname, "agent") };
/** A deadline, not a wait. */
const soon = { timeout: 20_000 };

test("the bot answers, and knows two people apart", async ({ alice, bob, launch }) => {
  const agent = await launch("agent", bot);
  for (const person of [alice, bob]) {
    const dm = await person.createDm(agent);
    const answer = await person.ask(dm, `I am ${person.name}`, soon);
    expect(answer).toMatchObject({ content: `echo I am ${person.name}`, sender: agent.inboxId });
  }
});

test("200 ms on the bot's line are in its answer's time", async ({ alice, chaos, launch }) => {
  const agent = await launch("agent", bot);
  const dm = await alice.createDm(agent);
  await alice.ask(dm, "hello", soon);
  await chaos.latency(agent, 200);
  const { ms } = await alice.ask(dm, "still there?", soon);
  expect(ms).toBeGreaterThan(400);
});

test("the bot is the same one after a restart", async ({ alice, launch }) => {
  const agent = await launch("agent", bot);
  const { inboxId, installationId } = agent;
  const dm = await alice.createDm(agent);
  await alice.ask(dm, "hello", soon);
  await agent.restart();
  const answer = await alice.ask(dm, "still you?", soon);
  expect(answer.sender).toBe(inboxId);
  expect(agent.installationId).toBe(installationId);
});
