import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { runInlineTest, specsOf } from "../inline-project.js";
import { marked, MARK } from "./marked-processes.js";

test.describe.configure({ timeout: 420_000 });
test.skip(!existsSync("/proc/self/environ"), "the system does not show a process's environment");

const echo = `node ${JSON.stringify(fileURLToPath(new URL("../../chaos/bots/echo.mjs", import.meta.url)))}`;
/** How often each test is run. CONTRIBUTING.md has the command for the full size, 10. */
const repeat = Number(process.env["REPEAT_EACH"] ?? 2);

/** A test of its own per process, on one bot of that process. */
const oneBot = (command: string, options = "") => `
  import { test as base, expect, typeofStream } from "playwright-xmtp";
  export { expect, typeofStream };
  export const test = base.extend({
    bot: [async ({ xmtp }, use) => {
      await use(await xmtp.launch("bot", { command: ${JSON.stringify(command)}${options} }));
    }, { scope: "worker", timeout: 120_000 }],
  });`;

test(`one bot in each of four processes, ten tests on each, ${repeat} times: no leak, no flake, nothing left`, async () => {
  test.setTimeout(340_000 + repeat * 40_000);
  const mark = randomUUID();
  const files = Object.fromEntries(
    [1, 2, 3, 4].map((file) => [
      `file-${file}.spec.ts`,
      `import { test, expect } from "./bot.js";
       for (let n = 0; n < 10; n++)
         test(\`question \${n}\`, async ({ alice, bot }) => {
           const dm = await alice.createDm(bot);
           const { content, sender } = await alice.ask(dm, \`question \${n}\`, { timeout: 30_000 });
           expect(content).toBe(\`echo question \${n}\`);
           expect(sender).toBe(bot.inboxId);
           console.log("%%" + process.pid + " " + bot.inboxId);
         });`,
    ]),
  );
  const run = await runInlineTest(
    {
      ...files,
      "bot.ts": oneBot(`sleep 1000 & ${echo}`),
      "playwright.config.ts": `export default { testDir: ".", timeout: 120_000, workers: 4 };`,
    },
    {
      args: ["test", `--repeat-each=${repeat}`],
      timeoutMs: 320_000 + repeat * 40_000,
      env: { [MARK]: mark },
    },
  );
  expect(run.errors).toEqual([]);
  expect(run).toMatchObject({ exitCode: 0, passed: 40 * repeat, failed: 0, flaky: 0 });
  const lines = [...run.output.matchAll(/%%(\d+) ([0-9a-f]{64})/g)];
  expect(lines).toHaveLength(40 * repeat);
  // As many bots as processes: none was started for a single test.
  const bots = new Set(lines.map(([, , inboxId]) => inboxId)).size;
  expect(bots).toBe(new Set(lines.map(([, pid]) => pid)).size);
  expect(bots).toBeGreaterThanOrEqual(4);
  expect(await marked(mark)).toEqual([]);
});

/** One that does not end by SIGTERM, with a child, and one that leaves the group as a daemon does. */
const stubborn = `sleep 1000 & setsid sleep 2000 & node -e "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')"`;

for (const lifetime of ["test", "process"] as const) {
  for (const end of ["SIGINT of the runner", "kill -9 of the Playwright process", "kill -9 of the runner"]) {
    test(`after ${end} nothing of a ${lifetime}'s app is left`, async () => {
      const mark = randomUUID();
      let runner = 0;
      let seen: readonly string[] = [];
      let looked: Promise<void> | undefined;
      const launch = lifetime === "test" ? "launch" : "xmtp.launch";
      const fixture = lifetime === "test" ? "launch" : "xmtp";
      const run = await runInlineTest(
        {
          "life.spec.ts": `
            import { test } from "playwright-xmtp";
            test("life", async ({ ${fixture} }) => {
              await ${launch}("app", { command: ${JSON.stringify(stubborn)}, ready: /up/ });
              console.log("%%up " + process.pid);
              await new Promise(() => {});
            });`,
          "playwright.config.ts": `export default { testDir: ".", timeout: 120_000 };`,
        },
        {
          env: { [MARK]: mark },
          onSpawn: (pid) => void (runner = pid),
          onOutput: (text) => {
            const pid = Number(/%%up (\d+)/.exec(text)?.[1] ?? 0);
            if (pid === 0) return;
            looked = marked(mark).then((all) => {
              seen = all;
              if (end.startsWith("SIGINT")) process.kill(runner, "SIGINT");
              else process.kill(end.endsWith("runner") ? runner : pid, "SIGKILL");
            });
          },
        },
      );
      await looked;
      expect(run.exitCode).not.toBe(0);
      // The count counts: while the test ran, all of the app's processes were there, and its guard.
      const commands = seen.join("\n");
      expect(commands).toContain("sleep 1000");
      expect(commands).toContain("sleep 2000");
      expect(commands).toContain("process.on('SIGTERM'");
      expect(commands).toContain("guard.js");
      await expect.poll(() => marked(mark), { timeout: 30_000 }).toEqual([]);
    });
  }
}

test("an app of the process that ends by itself fails the test it ends in, with its output", async () => {
  const run = await runInlineTest({
    "bot.ts": oneBot(`echo I am up; ${echo}`),
    "life.spec.ts": `
      import { test, expect } from "./bot.js";
      test("before", async ({ bot }) => { expect(bot.output).toContain("I am up"); });
      test("the one", async ({ alice, bot }) => {
        await (await alice.createDm(bot)).sendText("die");
        expect(await bot.exited).toEqual({ code: 3, signal: null });
      });
      test("after", async ({ bot, alice }) => {
        const { content } = await alice.ask(await alice.createDm(bot), "alive?", { timeout: 30_000 });
        expect(content).toBe("echo alive?");
      });`,
    "playwright.config.ts": `export default { testDir: ".", timeout: 120_000 };`,
  });
  const specs = run.report ? specsOf(run.report) : [];
  expect(specs.map(({ title, ok }) => `${title} ${String(ok)}`)).toEqual([
    "before true",
    "the one false",
    "after true",
  ]);
  expect(run.errors).toHaveLength(1);
  expect(run.errors[0]).toMatch(/APP_EXITED: bot ended by itself \(exit code 3\)[\s\S]*listening as/);
  const attachments = specs[1]?.tests[0]?.results[0]?.attachments ?? [];
  const output = attachments.find(({ name }) => name === "bot-output.txt")?.body ?? "";
  expect(Buffer.from(output, "base64").toString()).toMatch(/I am up[\s\S]*--- here this test began ---/);
});

/** A gRPC subscription without an SDK, and without the line in its environment: nothing ends it. */
const subscriber = `
import { connect } from "node:http2";
const request = connect(process.argv[2]).request({
  ":method": "POST", ":path": "/xmtp.mls.api.v1.MlsApi/SubscribeGroupMessages",
  "content-type": "application/grpc", te: "trailers",
});
const filter = [0x0a, 0x10, ...Array(16).fill(7)];
const message = [0x0a, filter.length, ...filter];
request.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
request.on("response", () => console.log("subscribed"));
request.on("error", () => process.exit(0)).on("close", () => process.exit(0));
`;

test("a stream that outlives a process's app is found, and told by its owner", async () => {
  const run = await runInlineTest({
    "subscriber.mjs": subscriber,
    "bot.ts": oneBot(
      'URL="$XMTP_LINE_URL"; env -u XMTP_LINE_URL -u NODE_OPTIONS setsid node subscriber.mjs "$URL" 2>&1 | cat; wait',
      ", ready: /subscribed/",
    ),
    "leak.spec.ts": `
      import { test, expect } from "./bot.js";
      test("leaks", async ({ bot }) => { expect(bot.output).toContain("subscribed"); });`,
  });
  expect(run).toMatchObject({ exitCode: 1, passed: 1 });
  expect(run.errors.join("\n")).toMatch(/LEAKED_STREAMS: At the end of bot: .*stream of bot/);
});
