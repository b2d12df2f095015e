import type { Project } from "./project.js";

/** What `init` writes for a kind of app under test. */
export interface AppTemplate {
  /** The test's name, without its folder and ending. */
  readonly name: string;
  readonly test: string;
  /** The smallest app, by path: only where the project has none. */
  readonly app: Readonly<Record<string, string>>;
  /** What that app imports, and the version to install where the project has none. */
  readonly packages: Readonly<Record<string, string>>;
}

/** How an agent is started: as told, by the project's own script, or the file that `init` writes. */
export function agentTemplate({ scripts }: Project, command: string): AppTemplate {
  const start = command || ("start" in scripts ? "npm start" : "");
  const own = start === "";
  return {
    name: "agent",
    test: agentTest(own ? `node ${agentFile}` : start),
    app: own ? { [agentFile]: agentText } : {},
    packages: own ? { "@xmtp/agent-sdk": "2.2.0" } : {},
  };
}

/** The same for a web app and its server. */
export function webTemplate({ scripts }: Project, command: string): AppTemplate {
  const script = ["dev", "start"].find((name) => name in scripts);
  const serve = command || (script === undefined ? "" : `npm run ${script}`);
  const own = serve === "";
  return {
    name: "web-app",
    test: webTest(own ? "npx vite build web-app && npx vite preview web-app --port 0" : serve),
    app: own
      ? { "web-app/index.html": webPage, "web-app/main.js": webMain, "web-app/vite.config.mjs": viteConfig }
      : {},
    packages: own ? { "@xmtp/browser-sdk": "6.3.0", viem: "2.57.20", vite: "8.3.8" } : {},
  };
}

const agentFile = "agent.mjs";

/** Tests have no types of their own, so they are TypeScript and JavaScript. */
const agentTest = (command: string): string => `import { expect, test } from "playwright-xmtp";

const command = ${JSON.stringify(command)};
// Deadlines, not waits: a process takes seconds to start.
const soon = { timeout: 20_000 };
test.describe.configure({ timeout: 90_000 });

test("the agent answers", async ({ alice, launch }) => {
  const agent = await launch("agent", { command });
  const dm = await alice.createDm(agent);
  const answer = await alice.ask(dm, "hello", soon);
  expect(answer.sender).toBe(agent.inboxId);
});

test("the agent answers on a slow network, and after a restart", async ({ alice, chaos, launch }) => {
  const agent = await launch("agent", { command });
  const dm = await alice.createDm(agent);
  await chaos.latency(agent, 200);
  await alice.ask(dm, "are you there?", soon);

  await agent.restart();
  await alice.ask(dm, "and now?", soon);
});
`;

const agentText = `import { Agent } from "@xmtp/agent-sdk";

// Keys, network and database come from XMTP_WALLET_KEY, XMTP_DB_ENCRYPTION_KEY, XMTP_ENV and XMTP_DB_DIRECTORY.
const agent = await Agent.createFromEnv();
agent.on("text", async ({ message, conversation }) => {
  await conversation.sendText(\`You said: \${message.content}\`);
});
agent.on("unhandledError", (error) => console.error(error));
// The SDK's own delay before it subscribes again is a minute.
await agent.start({ retryDelay: 1_000 });
`;

const webTest = (command: string): string => `import { expect, test } from "playwright-xmtp";

const command = ${JSON.stringify(command)};
// The server's address, from what it prints.
const ready = /(?<url>https?:\\/\\/(?:localhost|127\\.0\\.0\\.1):\\d+)/;
const env = { NO_COLOR: "1", FORCE_COLOR: undefined };
test.describe.configure({ timeout: 90_000 });

test("the web app shows what alice says, on a slow network too", async ({
  page,
  connectPage,
  launch,
  alice,
  chaos,
}) => {
  const server = await launch("web-server", { command, ready, env });
  const { url = "" } = server.fields;
  // What the app asks of any XMTP network goes over carol's line to the test's network.
  const carol = await connectPage(page, "carol");
  await page.goto(url);

  // Where your app connects on a click only, click here.
  await expect.poll(() => carol.inboxId, { timeout: 30_000 }).not.toBe("");
  const dm = await alice.createDm(carol);
  await alice.send(dm, "hello carol");
  await expect(page.getByText("hello carol")).toBeVisible({ timeout: 15_000 });

  await chaos.latency(carol, 200);
  await alice.send(dm, "are you there?");
  await expect(page.getByText("are you there?")).toBeVisible({ timeout: 15_000 });
});
`;

const webPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Chat</title>
  </head>
  <body>
    <p>My inbox: <output></output></p>
    <ul></ul>
    <script type="module" src="./main.js"></script>
  </body>
</html>
`;

const webMain = `import { Client, IdentifierKind } from "@xmtp/browser-sdk";
import { toBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const account = privateKeyToAccount(generatePrivateKey());
const signer = {
  type: "EOA",
  getIdentifier: () => ({
    identifier: account.address.toLowerCase(),
    identifierKind: IdentifierKind.Ethereum,
  }),
  signMessage: async (message) => toBytes(await account.signMessage({ message })),
};
const client = await Client.create(signer, { env: "production" });
const stream = await client.conversations.streamAllMessages();
document.querySelector("output").textContent = client.inboxId;

for await (const { content } of stream) {
  if (typeof content !== "string") continue;
  const item = document.createElement("li");
  item.textContent = content;
  document.querySelector("ul").append(item);
}
`;

const viteConfig = `export default {
  worker: { format: "es" },
  build: { target: "es2022" },
  optimizeDeps: { exclude: ["@xmtp/browser-sdk", "@xmtp/wasm-bindings"] },
  preview: { host: "127.0.0.1" },
};
`;
