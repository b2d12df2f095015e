import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, getWorkers, typeofStream } from "playwright-xmtp";
import { noForeign } from "playwright-xmtp/oracles";
import { readyWhen, test } from "../support/place.js";

const echo = `node ${JSON.stringify(fileURLToPath(new URL("./bots/echo.mjs", import.meta.url)))}`;

/** Times are numbers in 4.x, exact to 256 ns. */
const moment = Number;

test("a bot is a party: asked, slowed down, restarted on its database, and in the ledger", async ({
  launch,
  alice,
  chaos,
  ledger,
  place,
}) => {
  const bot = await launch("bot", { command: echo, ...readyWhen(place, /listening as/) });
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

  const published = ledger.events.flatMap((event) =>
    event.kind === "line" && event.worker === "bot" && event.what === "published" && !event.commit
      ? [moment(event.createdNs)]
      : [],
  );
  const stamps = ledger
    .receives()
    .filter(({ senderInboxId }) => senderInboxId === bot.inboxId)
    .map(({ sentAtNs }) => moment(sentAtNs));
  expect(stamps.length).toBeGreaterThanOrEqual(3);
  if (place.node)
    expect(published, "each echo was seen at the bot's port").toEqual(expect.arrayContaining(stamps));
  const states = ledger.lifecycle().filter(({ worker }) => worker === "bot");
  expect(states.map(({ state }) => state)).toEqual(["launched", "ready", "stopped", "launched", "ready"]);
});

test("a bot's words are known as its own, a stranger beside it is found, and its group converges", async ({
  launch,
  alice,
  bob,
  network,
  ledger,
}) => {
  const soon = { timeout: 20_000 };
  const bot = await launch("bot", { command: echo });
  await Promise.all([alice, bob].map((one) => one.startStream(typeofStream.Message)));
  const group = await alice.createGroup([bob, bot]);
  await group.sendText("hello");
  for (const one of [alice, bob]) await expect(one).toHaveReceived("echo hello", soon);
  // Asked at once: what the bot published is in the ledger before who received it.
  expect(noForeign(ledger.events)).toMatchObject({ status: "pass" });
  await expect([alice, bob, bot]).toHaveConverged(group, soon);

  // Known to the network, and not to this test.
  await using guests = await getWorkers({ guest: network.url }, "a stranger");
  const dm = await guests.get("guest").createDm(alice);
  await dm.sendText("boo");
  await expect(alice).toHaveReceived("boo", soon);
  const verdict = noForeign(ledger.events);
  expect(verdict).toMatchObject({ status: "fail", offenders: [{ kind: "unsent" }] });
  const { inboxId } = guests.get("guest");
  expect(JSON.stringify(verdict)).toContain('alice received \\"boo\\"');
  expect(JSON.stringify(verdict)).toContain(inboxId);

  // bob leaves the group without the others' knowing: they differ, and the bot is told apart from what was compared.
  await bob.goOffline();
  await group.addMembers([guests.get("guest").inboxId]);
  const apart = expect([alice, bob, bot]).toHaveConverged(group, { timeout: 1_000 });
  await expect(apart).rejects.toThrow(/bob[\s\S]*bot: not judged, only a worker shows its state/);
  await bob.goOnline();
});

test("a reinstalled app is a new installation of its inbox, on an empty database", async ({
  launch,
  alice,
  measure,
}) => {
  const bot = await launch("bot", { command: echo });
  const dm = await alice.createDm(bot);
  const { content } = await measure.ask("echo", alice, dm, "before", { timeout: 20_000 });
  expect(content).toBe("echo before");
  const { inboxId, installationId } = bot;
  await bot.reinstall();
  await bot.waitForOutput(new RegExp(`listening as ${inboxId}[^]*listening as ${inboxId}`));
  // Two installations have used the line, so that it does not tell whose a message is.
  await expect.poll(() => bot.installationId).toBe("");
  expect(bot.inboxId).toBe(inboxId);
  const [state] = await alice.client.preferences.fetchInboxStates([inboxId]);
  const installations = state?.installations.map(({ id }) => id) ?? [];
  expect(installations).toHaveLength(2);
  expect(installations).toContain(installationId);
  // The old conversation has only the old installation, until the SDK of a member looks for new ones.
  await measure.ask("echo", alice, await alice.createGroup([bot]), "after", { timeout: 20_000 });
  expect(measure.samples.map(({ operation, unit }) => `${operation} ${unit}`)).toEqual([
    "echo ms",
    "echo ms",
  ]);
  for (const { value } of measure.samples) expect(value).toBeGreaterThan(0);
});

test("a plan's faults act on an app, those of the node too", async ({ launch, alice, chaos }) => {
  const bot = await launch("bot", { command: echo });
  const dm = await alice.createDm(bot);
  const plan = chaos
    .schedule()
    .fault("latency", "bot", { atMs: 0, forMs: 4_000 }, { latencyMs: 50 })
    .fault("failCalls", "bot", { atMs: 0, forMs: 4_000 }, { method: "SendGroupMessages", times: 1 })
    .plan(4_500);
  const playing = chaos.run(plan);
  const { content } = await alice.ask(dm, "in bad weather", { timeout: 20_000 });
  expect(content).toBe("echo in bad weather");
  const [slow, failed] = await playing;
  expect(slow?.evidence["bot"]).toContain("100.0 ms expected");
  expect(failed?.evidence["bot"]).toMatch(/^1 call/);
});

test("an app that ends by itself is told with its last lines, and its keys are not", async ({ launch }) => {
  const walletKey = `0x${"ab".repeat(32)}`;
  const command = `echo key $XMTP_WALLET_KEY; echo so long; exit 7`;
  const dying = launch("mute", { command, walletKey, ready: /never/ });
  await expect(dying).rejects.toMatchObject({ code: "APP_EXITED" });
  await expect(dying).rejects.toThrow(/exit code 7[\s\S]*key 0x<key>[\s\S]*so long/);
});

test("an app's key is blanked in every text, also where a message tells it", async ({
  alice,
  bob,
  launch,
}) => {
  const bare = "c4".repeat(32);
  await launch("teller", { command: "echo up; sleep 1000", ready: /up/, walletKey: `0x${bare}` });
  await alice.startStream(typeofStream.Message);
  const dm = await bob.createDm(alice);
  await dm.sendText(`my key is short: ${bare}`);
  await expect(alice).toHaveReceived(`my key is short: ${bare}`);
  const failure: unknown = await expect(alice)
    .toHaveReceived("something else", { timeout: 50 })
    .catch((error: unknown) => error);
  expect(String(failure)).toContain("my key is short: [blanked]");
  expect(String(failure)).not.toContain(bare);
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

/** A CommonJS bot that names its network itself. */
const commonJsBot = `const { join } = require("node:path");
const { Client } = require("@xmtp/node-sdk");
const { toBytes } = require("viem");
const { privateKeyToAccount } = require("viem/accounts");

async function main() {
  const account = privateKeyToAccount(process.env.XMTP_WALLET_KEY);
  const signer = {
    type: "EOA",
    getIdentifier: () => ({ identifier: account.address.toLowerCase(), identifierKind: 0 }),
    signMessage: async (message) => toBytes(await account.signMessage({ message })),
  };
  const client = await Client.create(signer, {
    env: process.argv[2],
    dbPath: join(process.env.XMTP_DB_DIRECTORY, "bot.db3"),
    dbEncryptionKey: Buffer.from(process.env.XMTP_DB_ENCRYPTION_KEY, "hex"),
  });
  const stream = await client.conversations.streamAllMessages({ retryDelay: 250 });
  console.log("listening");
  for await (const message of stream) {
    if (message.senderInboxId === client.inboxId || typeof message.content !== "string") continue;
    const conversation = await client.conversations.getConversationById(message.conversationId);
    // sendText is new in 5.0: before, send takes a text.
    await (conversation.sendText ?? conversation.send).call(conversation, "echo " + message.content);
  }
}

main();
`;

for (const network of ["dev", "production"]) {
  test(`a CommonJS bot that asks for ${network} is led to its line`, async ({
    launch,
    alice,
    place,
  }, testInfo) => {
    const file = testInfo.outputPath("echo.cjs");
    await writeFile(file, commonJsBot);
    const bot = await launch("bot", {
      command: `node ${JSON.stringify(file)} ${network}`,
      ...readyWhen(place, /listening/),
    });
    await alice.startStream(typeofStream.Message);
    const dm = await alice.createDm(bot);
    await dm.sendText("hello");
    await expect(alice).toHaveReceived("echo hello", { timeout: 20_000 });
  });
}

/** Ways to load the SDK by a name that only the app's package.json gives it. */
const aliased = {
  "an import": {
    "bot.mjs": commonJsBot.replace(/^const (.*) = require\((".*")\);$/gm, "import $1 from $2;"),
  },
  "a require": { "bot.cjs": commonJsBot },
  "a require of a module that imports it": {
    "bot.cjs": commonJsBot.replace("@xmtp/node-sdk", "./sdk.mjs"),
    "sdk.mjs": `export { Client } from "@xmtp/node-sdk";`,
  },
};

for (const [how, files] of Object.entries(aliased)) {
  test(`a bot whose SDK is installed as an npm alias is led to its line, by ${how}`, async ({
    launch,
    alice,
    place,
  }, testInfo) => {
    const folder = testInfo.outputPath("app");
    const sdk = dirname(createRequire(import.meta.url).resolve("@xmtp/node-sdk/package.json"));
    // Not a link, which Node would follow: npm unpacks an alias into a folder of its name.
    await cp(sdk, join(folder, "node_modules/chat-sdk"), { recursive: true });
    for (const [name, text] of Object.entries(files))
      await writeFile(join(folder, name), text.replace("@xmtp/node-sdk", "chat-sdk"));
    const bot = await launch("bot", {
      command: `node ${Object.keys(files)[0]} dev`,
      cwd: folder,
      ...readyWhen(place, /listening/),
    });
    const { content } = await alice.ask(await alice.createDm(bot), "hello", { timeout: 20_000 });
    expect(content).toBe("echo hello");
  });
}

test("no variable of the parent, and none of a .env file, leads an app to another network", async ({
  launch,
}, testInfo) => {
  const elsewhere = "https://elsewhere.invalid";
  const names = [
    "XMTP_GATEWAY_HOST",
    "XMTP_API_URL",
    "XMTP_ENV",
    "XMTP_HISTORY_URL",
    "NEXT_PUBLIC_XMTP_API_URL",
  ];
  const before = { ...process.env };
  for (const name of names) process.env[name] = elsewhere;
  try {
    const folder = testInfo.outputPath("app");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, ".env"), names.map((name) => `${name}=${elsewhere}\n`).join(""));
    // Stand-ins for the two ways an SDK takes its gateway: what is shown is the environment each one meets.
    for (const [version, sdk] of Object.entries({ "5.5.0": "five", "6.0.0": "six" })) {
      const home = join(folder, "node_modules", sdk, "node-sdk");
      await mkdir(join(home, "dist"), { recursive: true });
      await writeFile(
        join(home, "package.json"),
        JSON.stringify({ name: "@xmtp/node-sdk", version, type: "module" }),
      );
      await writeFile(
        join(home, "dist/index.js"),
        `export const ApiUrls = { local: "", dev: "${elsewhere}" };`,
      );
      const bindings = join(folder, "node_modules/@xmtp/node-bindings");
      await mkdir(bindings, { recursive: true });
      await writeFile(
        join(bindings, "index.js"),
        `exports.BackendBuilder = class { setApiUrl(url) { this.api = url; } setGatewayHost(url) { this.gateway = url; } build() { return this; } };`,
      );
    }
    const bot = `
process.loadEnvFile();
const { createRequire } = await import("node:module");
const { BackendBuilder } = createRequire(import.meta.url)("@xmtp/node-bindings");
const { ApiUrls } = await import("./node_modules/" + process.argv[2] + "/node-sdk/dist/index.js");
const builder = new BackendBuilder();
if (process.argv[2] === "six") builder.setGatewayHost("${elsewhere}");
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => /XMTP_(API|ENV|HIST|GATE)/.test(name)));
console.log("SEEN " + JSON.stringify({ env, gateway: process.env.XMTP_GATEWAY_HOST ?? "unset", ApiUrls, built: builder.build() }));
setInterval(() => {}, 1000);
`;
    await writeFile(join(folder, "bot.mjs"), bot);
    for (const sdk of ["five", "six"]) {
      const app = await launch(sdk, { command: `node bot.mjs ${sdk}`, cwd: folder, ready: /SEEN .*\n/ });
      const { url } = app.line;
      const [, text = ""] = await app.waitForOutput(/SEEN (.*)/);
      const seen = JSON.parse(text) as Record<string, Record<string, string>>;
      expect(text.replaceAll("NEXT_PUBLIC_XMTP_API_URL", "")).toContain(url);
      expect(seen["env"]).toMatchObject({ XMTP_ENV: "local", XMTP_API_URL: url });
      expect(seen["env"]?.["XMTP_HISTORY_URL"]).not.toBe(elsewhere);
      expect(seen["ApiUrls"]).toEqual({ local: url, dev: url });
      expect(seen["gateway"]).toBe(sdk === "six" ? url : "unset");
      if (sdk === "six") expect(seen["built"]).toEqual({ gateway: url, api: url });
    }
  } finally {
    process.env = before;
  }
});
