import { randomBytes } from "node:crypto";
import { expect } from "@playwright/test";
import { decodeMessage } from "#src/load/population/message.js";
import { Population } from "#src/load/population/population.js";
import { loadSdk } from "#src/workers/sdk/index.js";
import type { SdkClient } from "#src/workers/sdk/types.js";
import { scenario, test } from "./run.js";
import type { Ended, Rig } from "./run.js";

/** What both scenarios of ten ask for. */
const size = { users: 10, groups: 2, groupSize: 5, dms: 0 };
/** libxmtp's limit per inbox. */
const mostInstallations = 10;

/** Runs the scenario of ten, and seeds a violation as soon as some have begun to talk. */
async function runWith(rig: Rig, seed: () => Promise<unknown>, run = "violation"): Promise<Ended> {
  const running = rig.run(["load", scenario("tiny.yml"), `--output=${rig.folder}`], { XMTP_LOAD_RUN: run });
  let over = false;
  void running.then(() => (over = true));
  // Ten greetings and their key updates, and a few messages more.
  const stored = async (): Promise<number> => (await rig.node.stats()).groupMessages;
  await expect.poll(async () => over || (await stored()) > 26, { timeout: 200_000 }).toBe(true);
  expect(over, "the run ended before the violation was seeded").toBe(false);
  await seed();
  return await running;
}

/** One more installation of a user of the population. */
async function installationOf(rig: Rig, run: string, user: number): Promise<SdkClient> {
  const sdk = await loadSdk();
  return await sdk.create({
    signer: new Population({ seed: "xmtp", run, ...size }).signer(user),
    network: { env: "load", url: rig.node.url, historyUrl: null },
    dbPath: test.info().outputPath(`${randomBytes(4).toString("hex")}.db3`),
    dbEncryptionKey: randomBytes(32),
    disableDeviceSync: true,
    observer: { sendStarted: () => () => undefined, streamOpened: () => undefined },
  });
}

test("a message that the node does not deliver is lost, by name", async ({ rig }) => {
  const times = 6;
  const ended = await runWith(rig, () => rig.node.disturbDeliveries("lose", { times }));
  const [fault] = await rig.node.faults();
  expect(fault?.taken).toBe(times);
  const { counters, problems, status } = await rig.report();
  // The sender of each message is among those it is not delivered to.
  const lost = counters["xmtp.lost"];
  expect(lost).toBeGreaterThanOrEqual(times / 2);
  expect(lost).toBeLessThanOrEqual(times);
  // The SDK's later syncs begin behind what its stream has seen: some of them are not in the database either.
  expect(counters["xmtp.lost_on_stream"] + counters["xmtp.lost_in_store"]).toBe(lost);
  expect(counters["xmtp.duplicate"]).toBe(0);
  expect(status).toBe("failed");
  expect(problems).toContain(`${lost} messages were lost`);
  const named = problems.filter((one) =>
    /^user \d was not given message \d+ of user \d in conversation \d: (its database has it|it is not in its database either)$/.test(
      one,
    ),
  );
  expect(named).toHaveLength(lost);
  expect(ended.exitCode).toBe(1);
  // Artillery's own threshold has seen it.
  expect(ended.output).toMatch(/fail: xmtp\.lost == 0/);
});

test("a message that is stored twice, under two ids, came twice to everybody else", async ({ rig }) => {
  const user = 3;
  const client = await installationOf(rig, "twice", user);
  const again = async (): Promise<void> => {
    await client.syncAll();
    for (const { id } of await client.listConversations())
      for (const { content } of await client.listMessages(id))
        if (decodeMessage(content)?.user === user) {
          await client.sendText(id, String(content));
          return;
        }
    throw new Error(`No message of user ${user} is there.`);
  };
  const ended = await runWith(rig, again, "twice");
  await client.close();
  const { counters, status } = await rig.report();
  expect(counters["xmtp.lost"]).toBe(0);
  expect(counters["xmtp.duplicate"]).toBe(size.groupSize - 1);
  expect(status).toBe("failed");
  expect(ended.exitCode).toBe(1);
  expect(ended.output).toMatch(/fail: xmtp\.duplicate == 0/);
});

test("a delay in the node shows in the times of send and delivery, and as late", async ({ rig }) => {
  const ended = await runWith(rig, () => rig.node.delayNext("SendGroupMessages", { ms: 25_000, times: 1 }));
  const { counters, histograms, problems } = await rig.report();
  expect(histograms["xmtp.send_ms"]?.max).toBeGreaterThan(20_000);
  expect(histograms["xmtp.delivery_ms"]?.max).toBeGreaterThan(20_000);
  expect(counters["xmtp.late"]).toBeGreaterThanOrEqual(size.groupSize - 1);
  expect(counters["xmtp.lost"]).toBe(0);
  expect(ended.exitCode).toBe(1);
  expect(ended.output).toMatch(/fail: xmtp\.send_ms\.max < 20000/);
  expect(problems).toEqual([expect.stringMatching(/^Artillery of shard 1\/1 ended with 1: a threshold/)]);
});

test("a user that cannot sign up died, and is counted with its reason", async ({ rig }) => {
  // One installation more than libxmtp allows.
  for (let made = 0; made < mostInstallations; made++) await (await installationOf(rig, "death", 4)).close();
  const ended = await rig.run(["load", scenario("unsettled.yml"), `--output=${rig.folder}`], {
    XMTP_LOAD_RUN: "death",
  });
  const { users, counters, problems } = await rig.report();
  expect(users).toMatchObject({ settled: size.users - 1, died: 1, absent: 0 });
  expect(counters["xmtp.users.died"]).toBe(1);
  expect(problems).toContain("1 users died");
  expect(problems.join("\n")).toMatch(/user 4 died: CLIENT_CREATE: .*installations/);
  expect(ended.exitCode).toBe(1);
  expect(ended.output).toMatch(/errors\.CLIENT_CREATE/);
});

test("without a node the run ends at once, and says why", async ({ rig }) => {
  await rig.node.stop();
  const ended = await rig.run(["load", scenario("tiny.yml"), `--output=${rig.folder}`]);
  expect(ended.exitCode).toBe(1);
  expect(ended.output).toContain("NODE_UNREACHABLE");
});
