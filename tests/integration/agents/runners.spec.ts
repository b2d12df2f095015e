import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test, typeofStream } from "playwright-xmtp";
import { homeOf, installOnce, root } from "../../../scripts/install-once.mjs";

const sdks = join(root, "tests/integration/agents/sdks");
const sdkHome = homeOf("agent-sdks", sdks);
const tools = join(root, "tests/integration/agents/runners");
const toolHome = homeOf("app-runners", tools);
const sdk = join(sdkHome, "node_modules/agent-sdk-1.1.7");
const PATH = [join(toolHome, "node_modules/.bin"), process.env["PATH"]].join(delimiter);

const bot = `import { Agent } from "@xmtp/agent-sdk";

interface Asked { message: { content: unknown }; sendText(text: string): Promise<void> }

const agent = await Agent.createFromEnv();
agent.on("text", async (asked: Asked) => {
  await asked.sendText(\`echo \${String(asked.message.content)}\`);
});
await agent.start();
`;
const manifest = {
  name: "bot",
  private: true,
  type: "module",
  scripts: { start: "tsx bot.ts", dev: "npm run start" },
  dependencies: { "@xmtp/agent-sdk": `link:${sdk}` },
};

/** A workspace with the bot in it; what it depends on is a link, as npm makes it too, so that nothing is fetched. */
function workspace(dir: string): string {
  const home = join(dir, "packages/bot");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(dir, "package.json"), JSON.stringify({ private: true, workspaces: ["packages/*"] }));
  writeFileSync(join(dir, "pnpm-workspace.yaml"), "packages:\n  - packages/*\n");
  writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(home, "bot.ts"), bot);
  return home;
}

/** Each is started in the workspace's folder. */
const commands: Record<string, { readonly command: string; readonly pnpm?: boolean }> = {
  "pnpm in a workspace, a script, and tsx": { command: "pnpm --filter bot start", pnpm: true },
  "npm in a workspace, two scripts, and tsx": { command: "npm run --workspace bot dev" },
  "tsx alone, in the bot's folder": { command: "cd packages/bot && tsx bot.ts" },
  "node with tsx as its loader": { command: `cd packages/bot && node --import "$TSX" bot.ts` },
};

test.describe.configure({ timeout: 180_000 });
test.beforeAll(() => {
  test.setTimeout(600_000);
  installOnce(sdks, sdkHome, { args: ["--ignore-scripts"] });
  installOnce(tools, toolHome);
});

for (const [name, { command, pnpm = false }] of Object.entries(commands)) {
  test(`the line reaches a bot that is started by ${name}`, async ({ launch, alice }, testInfo) => {
    const cwd = testInfo.outputPath("workspace");
    const home = workspace(cwd);
    if (pnpm)
      execFileSync(join(toolHome, "node_modules/.bin/pnpm"), ["install", "--offline", "--ignore-scripts"], {
        cwd,
      });
    else {
      mkdirSync(join(home, "node_modules/@xmtp"), { recursive: true });
      symlinkSync(sdk, join(home, "node_modules/@xmtp/agent-sdk"), "dir");
    }
    const TSX = join(toolHome, "node_modules/tsx/dist/loader.mjs");
    const agent = await launch("bot", { command, cwd, env: { PATH, TSX } });
    await alice.startStream(typeofStream.Message);
    const dm = await alice.createDm(agent);
    const { content, sender } = await alice.ask(dm, "hello", { timeout: 40_000 });
    expect(content).toBe("echo hello");
    expect(sender).toBe(agent.inboxId);
    // The runner, the shell and the bot are one app: they end together, and the bot comes back on its identity.
    await agent.restart();
    expect((await alice.ask(dm, "again", { timeout: 40_000 })).content).toBe("echo again");
    expect(agent.inboxId).toBe(sender);
  });
}
