import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "playwright-xmtp";
import { homeOf, installOnce, root } from "../../../scripts/install-once.mjs";
import { newerGlibc } from "../../../scripts/newer-glibc.mjs";
import { runInlineTest } from "../../self/inline-project.js";

const folder = join(root, "tests/integration/agents/sdks");
const home = homeOf("agent-sdks", folder);

/** How the quick start of each major line's README answers a text. */
const agents = {
  "1.1.7": "context.sendText",
  "2.2.0": "context.conversation.sendText",
  "2.3.0": "context.conversation.sendText",
};

const agentThatAnswersBy = (send: string): string => `import { Agent } from "@xmtp/agent-sdk";

const agent = await Agent.createFromEnv();
agent.on("text", async (context) => {
  await ${send}("echo " + context.message.content);
});
agent.on("unhandledError", (error) => console.error(error));
await agent.start();
`;

/** The README's example that launches an agent, to the letter. */
function readmeExample(): string {
  const text = readFileSync(join(root, "README.md"), "utf8");
  const found = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].find(([, code]) => code?.includes("launch("));
  return found?.[1] ?? "";
}

/** The folder of the Node that an agent-sdk asks for: 2.x wants Node 22, and 2.3.0 a newer glibc. Skips where there is none. */
function nodeFor(version: string): string {
  if (version.startsWith("1.")) return "";
  let bin: string;
  try {
    bin = newerGlibc();
  } catch (error) {
    test.skip(true, `agent-sdk ${version} (node-sdk 6 needs glibc 2.38): ${String(error)}`);
    return "";
  }
  const own = Number(process.versions.node.split(".")[0]);
  test.skip(bin === "" && own < 22, `agent-sdk ${version} needs Node 22, this is ${process.versions.node}`);
  return bin;
}

test.describe.configure({ mode: "default", timeout: 300_000 });
test.beforeAll(() => {
  test.setTimeout(600_000);
  installOnce(folder, home, { args: ["--ignore-scripts"] });
});

test("the README's whole example of an agent has at most 12 lines", () => {
  const lines = readmeExample().split("\n");
  const body = lines.slice(lines.findIndex((line) => line.startsWith("test(")));
  expect(body.filter((line) => line.trim() !== "").length).toBeGreaterThan(5);
  expect(body.filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(12);
});

for (const [version, send] of Object.entries(agents)) {
  test(`the README's example passes against an agent on agent-sdk ${version}`, async ({}, testInfo) => {
    const bin = nodeFor(version);
    const modules = testInfo.outputPath("project/node_modules/@xmtp");
    mkdirSync(modules, { recursive: true });
    symlinkSync(join(home, "node_modules", `agent-sdk-${version}`), join(modules, "agent-sdk"), "dir");
    const run = await runInlineTest(
      {
        "agent.spec.ts": readmeExample(),
        "bot.mjs": agentThatAnswersBy(send),
        "playwright.config.ts": `export default { testDir: ".", timeout: 120_000 };`,
      },
      {
        args: ["test", "--workers=1", "--repeat-each=3"],
        env: { PATH: [bin, process.env["PATH"]].filter((one) => one !== "").join(delimiter) },
        timeoutMs: 280_000,
      },
    );
    expect(run.errors).toEqual([]);
    expect(run).toMatchObject({ exitCode: 0, passed: 3, failed: 0, flaky: 0 });
  });
}
