/**
 * The pictures of the docs: HTML reports of tests that fail on purpose, opened in headless Chromium.
 *
 *     node scripts/screenshot-report.mjs [report | agent] [file]      default docs/img/<name>.png
 */
import { spawn } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { argv, env, execPath } from "node:process";
import { URL, fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";
import { browser, missing } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** README's picture: a message that never arrived. */
const dinner = `import { expect, test, typeofStream } from "playwright-xmtp";

test.use({ seed: "readme" });

test("everybody hears that dinner is ready", async ({ chaos, getWorkers }) => {
  const workers = await getWorkers(["alice", "bob", "carol"]);
  const { bob, carol } = workers;
  for (const worker of workers) await worker.startStream(typeofStream.Message);
  const group = await workers.createGroupBetweenAll("dinner");
  await group.sendText("who is hungry?");
  for (const listener of [bob, carol]) await expect(listener).toHaveReceived("who is hungry?");

  await chaos.blackhole(carol);
  await group.sendText("dinner is ready");

  await expect(bob).toHaveReceived("dinner is ready");
  await expect(carol).toHaveReceived("dinner is ready");
});
`;
/** The picture of docs/agents.md: an agent that does not answer. */
const silentAgent = `import { test } from "playwright-xmtp";

test("the agent answers alice", async ({ alice, chaos, launch }) => {
  const agent = await launch("agent", { command: "node bot.mjs" });
  const dm = await alice.createDm(agent);
  await alice.ask(dm, "hello", { timeout: 30_000 });

  await chaos.node.failCalls(agent, "SendGroupMessages");
  await alice.ask(dm, "are you there?", { timeout: 3_000 });
});
`;
const scenes = {
  report: { spec: dinner, title: "everybody hears that dinner is ready" },
  agent: { spec: silentAgent, title: "the agent answers alice" },
};
const config = `export default { testDir: ".", expect: { timeout: 2_000 }, reporter: [["html", { open: "never", outputFolder: "report" }], ["json", { outputFile: "report.json" }]] };
`;

/** Runs a failing test in `folder`; returns the address of the test's page in its HTML report. */
async function failingReport(folder, spec) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "node_modules"), { recursive: true });
  await symlink(root, join(folder, "node_modules/playwright-xmtp"));
  for (const name of ["@playwright", "@xmtp", "viem"])
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  await cp(join(root, "tests/chaos/bots/echo.mjs"), join(folder, "bot.mjs"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  await writeFile(join(folder, "playwright.config.ts"), config);
  await writeFile(join(folder, "scene.spec.ts"), spec);
  const cli = join(root, "node_modules/@playwright/test/cli.js");
  const results = join(folder, "results");
  const clean = Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(TEST_|PW|PLAYWRIGHT|XMTP_)/.test(name)),
  );
  const child = spawn(execPath, [cli, "test", "--workers=1", `--output=${results}`], {
    cwd: folder,
    env: clean,
    stdio: "ignore",
  });
  const exitCode = await new Promise((done, failed) => child.once("error", failed).once("exit", done));
  if (exitCode !== 1) throw new Error(`The failing test's run ended with ${exitCode}, not 1.`);
  const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8"));
  const [{ id }] = report.suites[0].specs;
  return `${pathToFileURL(join(folder, "report", "index.html")).href}#?testId=${id}`;
}

/** Sections of the page that the picture leaves folded. */
const folded = ["Annotations", "Test Steps", "Attachments"];
const margin = 16;

/**
 * Writes a picture of the report's page, from the test's title to the end of the sequence picture.
 * Returns the sequence picture's own size, as the browser has read it, in pixels.
 */
export async function screenshotReport(file, folder, scene = "report") {
  const { spec, title } = scenes[scene];
  const address = await failingReport(folder, spec);
  const chrome = await chromium.launch({ executablePath: browser, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await chrome.newPage({ viewport: { width: 1024, height: 1400 }, deviceScaleFactor: 1.5 });
    await page.goto(address);
    const picture = page.locator("img[src*='.svg']").first();
    await picture.waitFor({ timeout: 10_000 });
    for (const section of folded) await page.getByRole("button", { name: section, exact: true }).click();
    const drawn = await picture.evaluate(async (image) => {
      await image.decode();
      return { width: image.naturalWidth, height: image.naturalHeight };
    });
    await mkdir(dirname(file), { recursive: true });
    const top = await page.getByText(title).first().boundingBox();
    const image = await picture.boundingBox();
    const y = top.y - margin;
    const clip = { x: 0, y, width: 1024, height: image.y + image.height + margin - y };
    await page.screenshot({ path: file, clip });
    return drawn;
  } finally {
    await chrome.close();
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  if (missing !== undefined) throw new Error(missing);
  const [scene = "report", path = join(root, `docs/img/${scene}.png`)] = argv.slice(2);
  if (!(scene in scenes)) throw new Error(`No picture "${scene}". Known: ${Object.keys(scenes).join(", ")}.`);
  const file = resolve(path);
  const { width, height } = await screenshotReport(file, join(tmpdir(), `scene-${scene}`), scene);
  globalThis.console.log(`${file}: sequence picture of ${width} x ${height}`);
}
