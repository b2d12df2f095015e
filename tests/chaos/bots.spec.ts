import { fileURLToPath } from "node:url";
import { expect, typeofStream } from "playwright-xmtp";
import type { App, Chaos, LaunchOptions, WorkerDm } from "playwright-xmtp";
import { needsEmbedded, readyWhen, test as base } from "../support/place.js";

const url = (name: string) => new URL(`./bots/${name}`, import.meta.url).href;
const echo = `node ${JSON.stringify(fileURLToPath(url("echo.mjs")))}`;
/** A deadline, not a wait: a process on a busy machine takes its time. */
const soon = { timeout: 40_000 };
const three = ["one", "two", "three"];
const noLine = "only that node sees when the bot subscribes";
const noFaults = "only that node makes faults";
const answersTo = (texts: readonly string[]) => texts.map((text) => `echo ${text}`);

/** alice, and a bot that has answered her once. */
interface Talk {
  readonly bot: App;
  readonly dm: WorkerDm;
  /** What the bot has said to alice so far, oldest first. */
  readonly answers: () => string[];
  /** The bot's streams of messages so far, as the embedded node sees them: how many began, and how many are over. */
  readonly streams: () => { begun: number; over: number };
  /** Sends them. Her own stream has brought them in the end: whoever subscribes later is not given them as new. */
  readonly say: (texts: readonly string[]) => Promise<void>;
}

const test = base.extend<{ talk: (env?: LaunchOptions["env"]) => Promise<Talk> }>({
  talk: async ({ alice, launch, ledger, place }, use) => {
    await use(async (env = {}) => {
      const bot = await launch("bot", { command: echo, env, ...readyWhen(place, /listening as/) });
      await alice.startStream(typeofStream.Message);
      const dm = await alice.createDm(bot);
      const heard = (text: string) =>
        ledger.receives().some(({ worker, payload }) => worker === "alice" && payload.text === text);
      const say = async (texts: readonly string[]): Promise<void> => {
        for (const text of texts) await dm.sendText(text);
        for (const text of texts) await expect.poll(() => heard(text), soon).toBe(true);
      };
      // Her stream need not bring what she says before it has the new conversation.
      await dm.sendText("hello");
      await expect(alice).toHaveReceived("echo hello", soon);
      return {
        bot,
        dm,
        say,
        answers: () =>
          ledger
            .receives()
            .filter(({ worker, senderInboxId }) => worker === "alice" && senderInboxId === bot.inboxId)
            .map(({ payload }) => payload.text),
        streams: () => {
          const count = (what: string) =>
            ledger.events.filter(
              (event) =>
                event.kind === "line" &&
                event.worker === "bot" &&
                event.about === "group" &&
                event.what === what,
            ).length;
          return { begun: count("subscribed"), over: count("unsubscribed") };
        },
      };
    });
  },
});

test("400 ms on the bot's line are in the time of its answer", async ({ talk, alice, chaos }) => {
  const { bot, dm, answers } = await talk();
  const slow = await chaos.latency(bot, 400);
  expect(slow.evidence.get("bot")).toContain("800.0 ms expected");
  // The question waits on its way to the bot, the answer on its way to the node.
  const { ms, content } = await alice.ask(dm, "how fast?", soon);
  expect(content).toBe("echo how fast?");
  expect(ms).toBeGreaterThanOrEqual(800);
  await slow.lift();
  expect(answers()).toEqual(answersTo(["hello", "how fast?"]));
});

/** What ends a bot's streams for a while; each checks what its fault's own proof says. */
const outages: Record<string, (chaos: Chaos, bot: App) => Promise<{ lift(): Promise<void> }>> = {
  cut: async (chaos, bot) => {
    const fault = await chaos.cut(bot);
    expect(fault.evidence.get("bot")).toContain("ECONNREFUSED");
    return fault;
  },
  "black hole": async (chaos, bot) => {
    const fault = await chaos.blackhole(bot);
    expect(fault.evidence.get("bot")).toContain("silent");
    return fault;
  },
};

for (const [name, begin] of Object.entries(outages)) {
  test(`a bot behind a ${name}: of three messages in it none is answered, the next one is`, async ({
    talk,
    chaos,
    alice,
    place,
  }) => {
    needsEmbedded(place, noLine);
    const { bot, say, answers, streams } = await talk({ RETRY_DELAY_MS: "250" });
    const { begun } = streams();
    const outage = await begin(chaos, bot);
    await say(three);
    expect(answers()).toEqual(["echo hello"]);
    await outage.lift();
    await expect.poll(() => streams().begun, soon).toBeGreaterThan(begun);
    await say(["four"]);
    await expect(alice).toHaveReceivedExactlyOnce("echo four", soon);
    // The SDK subscribes again, and does not hand out what came in between: the bot never hears of it.
    expect(answers()).toEqual(answersTo(["hello", "four"]));
  });
}

test("a bot whose streams are dropped subscribes again and answers", async ({
  talk,
  chaos,
  alice,
  place,
}) => {
  needsEmbedded(place, noFaults);
  const { bot, say, answers, streams } = await talk({ RETRY_DELAY_MS: "250" });
  const { begun, over } = streams();
  const dropped = await chaos.node.dropStreams(bot);
  // Its messages and its welcomes.
  expect(dropped.hits("bot")).toBe(2);
  await expect.poll(streams, soon).toEqual({ begun: begun + 1, over: over + 1 });
  await say(three);
  for (const text of answersTo(three)) await expect(alice).toHaveReceivedExactlyOnce(text, soon);
  expect(answers()).toEqual(answersTo(["hello", ...three]));
});

test("the SDK's own delay leaves a bot deaf for 60,000 ms after a dropped stream", async ({
  talk,
  chaos,
  alice,
  place,
}) => {
  needsEmbedded(place, noFaults);
  const { bot, say, answers, streams } = await talk({ NODE_OPTIONS: `--import ${url("long-timers.mjs")}` });
  const { begun, over } = streams();
  const dropped = await chaos.node.dropStreams(bot);
  expect(dropped.hits("bot")).toBe(2);
  const [, pid, ms] = await bot.waitForOutput(/process (\d+) waits (\d+) ms/, soon);
  expect(Number(ms)).toBe(60_000);
  await say(three);
  await expect.poll(streams, soon).toEqual({ begun, over: over + 1 });
  expect(answers(), "0 of 3 answered").toEqual(["echo hello"]);

  // The minute is over at once: the bot subscribes, and is as if the three had never been sent.
  process.kill(Number(pid), "SIGUSR2");
  await expect.poll(() => streams().begun, soon).toBeGreaterThan(begun);
  await say(["four"]);
  await expect(alice).toHaveReceivedExactlyOnce("echo four", soon);
  expect(answers()).toEqual(answersTo(["hello", "four"]));
});

test("two of the bot's sends fail at the node: its answer comes late, and once", async ({
  talk,
  chaos,
  alice,
  place,
}) => {
  needsEmbedded(place, noFaults);
  const { bot, dm, answers } = await talk();
  const failing = await chaos.node.failCalls(bot, "SendGroupMessages", { times: 2 });
  const { content } = await alice.ask(dm, "one", soon);
  expect(content).toBe("echo one");
  expect(failing.hits("bot")).toBe(2);
  await expect(alice).toHaveReceivedExactlyOnce("echo one");
  expect(answers()).toEqual(answersTo(["hello", "one"]));
});

test("all of the bot's sends fail at the node: its answer is lost, and the next one comes", async ({
  talk,
  chaos,
  alice,
  place,
}) => {
  needsEmbedded(place, noFaults);
  const { bot, say, answers } = await talk();
  const failing = await chaos.node.failCalls(bot, "SendGroupMessages", { code: 14 });
  await say(["one"]);
  await bot.waitForOutput(/could not answer/, soon);
  expect(failing.hits("bot"), "the SDK has tried more than once").toBeGreaterThan(1);
  expect(answers()).toEqual(["echo hello"]);
  await failing.lift();
  // The SDK has given up what it could not send, and told the bot: it is not sent later.
  await say(["two"]);
  await expect(alice).toHaveReceivedExactlyOnce("echo two", soon);
  expect(answers()).toEqual(answersTo(["hello", "two"]));
});

for (const { catchUp, said } of [
  { catchUp: false, said: "answers none of them: its SDK's stream begins with what comes next" },
  { catchUp: true, said: "answers each once, as it reads what it missed" },
]) {
  test(`a bot killed and restarted while three messages come ${said}`, async ({ talk, alice }) => {
    const { bot, say, answers } = await talk(catchUp ? { CATCH_UP: "1" } : {});
    expect(await bot.kill("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });
    await say(three);
    await bot.start();
    if (catchUp) for (const text of answersTo(three)) await expect(alice).toHaveReceived(text, soon);
    await say(["four"]);
    await expect(alice).toHaveReceivedExactlyOnce("echo four", soon);
    expect(answers()).toEqual(answersTo(["hello", ...(catchUp ? three : []), "four"]));
  });
}

test("a bot that restarts behind 200 ms of latency answers what is sent right after", async ({
  talk,
  chaos,
  alice,
  ledger,
  place,
}) => {
  needsEmbedded(place, noLine);
  const { bot, dm, answers } = await talk();
  await chaos.latency(bot, 200);
  await bot.restart();
  // It was ready at its messages' stream, and not at the stream of welcomes before it.
  const states = ledger.events.flatMap((event) => {
    if (event.worker !== "bot") return [];
    if (event.kind === "lifecycle") return [event.state];
    return event.kind === "line" && event.what === "subscribed" ? [event.about] : [];
  });
  expect(states.slice(states.lastIndexOf("launched"))).toEqual(["launched", "welcome", "group", "ready"]);
  const { content } = await alice.ask(dm, "and now?", soon);
  expect(content).toBe("echo and now?");
  expect(answers()).toEqual(answersTo(["hello", "and now?"]));
});
