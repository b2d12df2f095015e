import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test, typeofStream } from "playwright-xmtp";

const echo = `node ${JSON.stringify(fileURLToPath(new URL("./bots/echo.mjs", import.meta.url)))}`;

test("a bot is a party: asked, slowed down, restarted on its database, and in the ledger", async ({
  launch,
  alice,
  chaos,
  ledger,
}) => {
  const bot = await launch("bot", { command: echo });
  await bot.waitForOutput(new RegExp(`listening as ${bot.inboxId}`));
  await alice.startStream(typeofStream.Message);
  const dm = await alice.createDm(bot);
  await dm.sendText("one");
  await expect(alice).toHaveReceived("echo one", { timeout: 20_000 });

  const slow = await chaos.latency(bot, 400);
  expect(slow.evidence.get("bot")).toContain("ms");
  await dm.sendText("two");
  await expect(alice).toHaveReceived("echo two", { timeout: 20_000 });
  await slow.lift();

  const { inboxId, installationId } = bot;
  await bot.restart();
  expect([bot.inboxId, bot.installationId]).toEqual([inboxId, installationId]);
  await dm.sendText("three");
  await expect(alice).toHaveReceived("echo three", { timeout: 20_000 });

  const published = ledger.events.filter(
    (event) => event.kind === "line" && event.worker === "bot" && event.what === "published" && !event.commit,
  );
  expect(published.length).toBeGreaterThanOrEqual(3);
  const stamps = ledger.receives().filter(({ senderInboxId }) => senderInboxId === bot.inboxId);
  for (const { sentAtNs } of stamps)
    expect(published.some((event) => event.kind === "line" && event.createdNs === sentAtNs)).toBe(true);
  const states = ledger.lifecycle().filter(({ worker }) => worker === "bot");
  expect(states.map(({ state }) => state)).toEqual(["launched", "ready", "stopped", "launched", "ready"]);
});

test("an app that ends by itself is told with its last lines, and its keys are not", async ({ launch }) => {
  const walletKey = `0x${"ab".repeat(32)}`;
  const dying = launch("mute", { command: `echo key $XMTP_WALLET_KEY; echo so long; exit 7`, walletKey });
  await expect(dying).rejects.toMatchObject({ code: "APP_EXITED" });
  await expect(dying).rejects.toThrow(/exit code 7[\s\S]*key 0x<key>[\s\S]*so long/);
});

test("what never gets ready is stopped, with all it has started", async ({ launch }) => {
  test.skip(process.platform !== "linux", "reads /proc");
  const command = `sleep 1000 & echo child $!; wait`;
  const late = launch("late", { command, ready: /never/, timeout: 3_000 });
  await expect(late).rejects.toMatchObject({ code: "APP_NOT_READY" });
  const error: unknown = await late.catch((thrown: unknown) => thrown);
  const child = Number(/child (\d+)/.exec(String(error))?.[1]);
  expect(child).toBeGreaterThan(0);
  // Gone, or dead and not yet collected by the machine's first process.
  const state = (): Promise<string> =>
    readFile(`/proc/${child}/stat`, "utf8").then(
      (text) => text.split(") ")[1]?.charAt(0) ?? "",
      () => "gone",
    );
  await expect.poll(state).toMatch(/^(gone|Z)$/);
});
