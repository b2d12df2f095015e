import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright-xmtp";
import { folderOf } from "../../../scripts/sdk-versions.mjs";
import { installedSdks, preflight } from "#src/workers/sdk/index.js";
import { installVersions, others } from "./installed.js";

/** Of the versions under test, the one that has both newer kinds of streams. */
const version = others.find((one) => one.startsWith("6.1.")) ?? "6.1";
const echo = new URL("../../chaos/bots/echo.mjs", import.meta.url);
/** A deadline, not a wait: a process on a busy machine takes its time. */
const soon = { timeout: 40_000 };

/** What an app subscribes by, what makes it do so, and what it publishes by. */
const ways = {
  "a bidirectional stream": {
    subscribes: "Subscribe",
    publishes: "SendGroupMessages",
    env: { XMTP_BIDI_STREAMS_ENABLED: "1" },
    change: (bot: string) => bot,
  },
  "d14n streams": {
    subscribes: "SubscribeTopics",
    publishes: "PublishClientEnvelopes",
    env: {},
    change: (bot: string) =>
      bot.replace("env: process.env.XMTP_ENV,", "$& gatewayHost: process.env.XMTP_API_URL,"),
  },
} as const;

test.describe.configure({ timeout: 240_000 });
test.beforeAll(() => {
  test.setTimeout(600_000);
  installVersions();
});

for (const [way, { subscribes, publishes, env, change }] of Object.entries(ways)) {
  test(`dropStreams, failCalls and a black hole reach an app on ${way}`, async ({
    launch,
    alice,
    chaos,
    network,
  }, testInfo) => {
    const sdk = installedSdks().find((one) => one.version === version);
    const { works, reasons } = sdk ? preflight(sdk) : { works: false, reasons: ["not installed"] };
    test.skip(!works, `node-sdk ${version}: ${reasons.join("; ")}`);
    const cwd = testInfo.outputPath("app");
    mkdirSync(join(cwd, "node_modules/@xmtp"), { recursive: true });
    symlinkSync(folderOf(version), join(cwd, "node_modules/@xmtp/node-sdk"), "dir");
    writeFileSync(join(cwd, "bot.mjs"), change(readFileSync(echo, "utf8")));

    const bot = await launch("bot", { command: "node bot.mjs", cwd, env: { ...env, RETRY_DELAY_MS: "250" } });
    const dm = await alice.createDm(bot);
    const ask = async (text: string, timeout = soon.timeout): Promise<void> => {
      expect((await alice.ask(dm, text, { timeout })).content).toBe(`echo ${text}`);
    };
    // What is sent before the app follows the conversation again, its stream does not hand out.
    const askAgain = (text: string) => expect(() => ask(text, 5_000)).toPass(soon);
    const open = async () => (await network.subscriptions()).filter(({ client }) => client === "bot");
    const begun = async (): Promise<number> => (await network.callsOf("bot"))?.[subscribes] ?? 0;
    await ask("one");
    expect(await begun()).toBeGreaterThan(0);
    expect(new Set((await open()).map(({ kind }) => kind))).toEqual(new Set(["topics"]));
    for (const older of ["SubscribeGroupMessages", "SubscribeWelcomeMessages"])
      expect(await network.callsOf("bot"), older).not.toHaveProperty(older);

    const sends = await chaos.node.failCalls(bot, publishes, { times: 2 });
    await ask("two");
    expect(sends.hits("bot")).toBe(2);

    // Its streams end, and the first that it opens instead fails.
    const before = await begun();
    const refused = await chaos.node.failCalls(bot, subscribes, { times: 1 });
    const dropped = await chaos.node.dropStreams(bot);
    expect(dropped.hits("bot")).toBeGreaterThan(0);
    await refused.waitForHit(soon);
    await expect.poll(begun, soon).toBeGreaterThan(before + 1);
    await expect.poll(async () => (await open()).length, soon).toBeGreaterThan(0);
    await askAgain("three");

    const hole = await chaos.blackhole(bot);
    expect(hole.evidence.get("bot")).toContain("silent");
    const held = await begun();
    await alice.send(dm, "meanwhile");
    await hole.lift();
    await expect.poll(begun, soon).toBeGreaterThan(held);
    await askAgain("four");
  });
}
