import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { agentTemplate, webTemplate } from "#src/cli/app-templates.js";
import { browser, missing } from "../../../scripts/chromium.mjs";
import { root } from "../package/consumer.js";
import { test } from "./command.js";
import { outcomes, project } from "./projects.js";

const read = (dir: string, name: string): Promise<string> => readFile(join(dir, name), "utf8");
const agentTests = ["✓ the agent answers", "✓ the agent answers on a slow network, and after a restart"];
const webTests = ["✓ the web app shows what alice says, on a slow network too"];
const echo = `node ${JSON.stringify(join(root, "tests/chaos/bots/echo.mjs"))}`;

/** Projects of each kind, and how their files end. */
const kinds: Record<string, [files: Record<string, string>, extension: string]> = {
  "TypeScript and ESM": [{ "package.json": '{ "type": "module" }', "tsconfig.json": "{}" }, "ts"],
  "TypeScript and CommonJS": [{ "package.json": "{}", "tsconfig.json": "{}" }, "mts"],
  "JavaScript and ESM": [{ "package.json": '{ "type": "module" }', "index.js": "" }, "js"],
  "JavaScript and CommonJS": [{ "package.json": "{}", "src/index.js": "" }, "mjs"],
};

for (const [kind, [files, extension]] of Object.entries(kinds)) {
  test(`init --agent in a project of ${kind} without an agent: its agent passes its test`, async ({
    start,
  }, testInfo) => {
    const dir = testInfo.outputPath("project");
    await project(dir, files);
    const init = start(["init", "--agent"], dir);
    expect(await init.ended, init.output).toBe(0);
    expect(init.output).toContain(`wrote tests/agent.spec.${extension}`);
    expect(init.output).toContain("wrote agent.mjs");
    expect(await outcomes(dir)).toEqual(agentTests);
  });

  test(`init --web in a project of ${kind} without a web app: its web app passes its test`, async ({
    start,
  }, testInfo) => {
    test.skip(missing !== undefined, missing);
    const dir = testInfo.outputPath("project");
    await project(dir, files);
    const init = start(["init", "--web"], dir);
    expect(await init.ended, init.output).toBe(0);
    expect(init.output).toContain(`wrote tests/web-app.spec.${extension}`);
    expect(init.output).toContain("wrote web-app/index.html");
    expect(init.output).toContain("npx playwright install chromium");
    expect(await read(dir, ".github/workflows/playwright.yml")).toContain("playwright install --with-deps");
    expect(await outcomes(dir, await withBrowser(dir, `playwright.config.${extension}`))).toEqual(webTests);
  });
}

/** This machine's browser, which the written config rightly does not name. */
async function withBrowser(dir: string, config: string): Promise<string> {
  const name = "browser.config.mjs";
  await writeFile(
    join(dir, name),
    `import config from "./${config}";
export default { ...config, use: { launchOptions: { executablePath: ${JSON.stringify(browser)} } } };
`,
  );
  return name;
}

test("init --agent tests the agent that is there, and writes none: its start script, or --command", async ({
  start,
}, testInfo) => {
  for (const [name, scripts, args] of [
    ["script", { start: echo }, []],
    ["command", { start: "false" }, [`--command=${echo}`]],
  ] as const) {
    const dir = testInfo.outputPath(name);
    const manifest = JSON.stringify({ type: "module", scripts });
    await project(dir, { "package.json": manifest, "index.js": "" });
    const init = start(["init", "--agent", ...args], dir);
    expect(await init.ended, init.output).toBe(0);
    expect(init.output).not.toContain("agent.mjs");
    expect(await read(dir, "package.json")).not.toContain("agent-sdk");
    expect(await outcomes(dir)).toEqual(agentTests);
  }
});

test("init --web tests the web app that is there, by its dev script, and writes none", async ({
  start,
}, testInfo) => {
  test.skip(missing !== undefined, missing);
  const dir = testInfo.outputPath("project");
  const nothing = { language: "js", modules: "esm", scripts: {}, config: undefined } as const;
  const { app } = webTemplate(nothing, "");
  const scripts = { dev: "vite build web-app && vite preview web-app --port 0", start: "false" };
  await project(dir, { ...app, "package.json": JSON.stringify({ type: "module", scripts }), "index.js": "" });
  const init = start(["init", "--web"], dir);
  expect(await init.ended, init.output).toBe(0);
  expect(await read(dir, "tests/web-app.spec.js")).toContain('const command = "npm run dev"');
  expect(init.output).not.toMatch(/(wrote|kept) {2}web-app/);
  expect(await outcomes(dir, await withBrowser(dir, "playwright.config.js"))).toEqual(webTests);
});

test("an agent.mjs of the user's is tested as it is, and --force does not overwrite it", async ({
  start,
}, testInfo) => {
  const dir = testInfo.outputPath("project");
  const mine = await read(root, "tests/chaos/bots/echo.mjs");
  await project(dir, { "package.json": '{ "type": "module" }', "agent.mjs": mine });
  const init = start(["init", "--agent", "--force"], dir);
  expect(await init.ended, init.output).toBe(0);
  expect(init.output).toContain("kept  agent.mjs");
  expect(await read(dir, "agent.mjs")).toBe(mine);
});

for (const [kind, template] of Object.entries({ agent: agentTemplate, web: webTemplate })) {
  test(`what the app of --${kind} imports goes into package.json, and what is there stays`, async ({
    start,
  }) => {
    const { devDependencies: tested = {} } = JSON.parse(await read(root, "package.json")) as Manifest;
    const { packages } = template({ language: "js", modules: "esm", scripts: {}, config: undefined }, "");
    expect(Object.keys(packages).length).toBeGreaterThan(0);
    expect(tested).toMatchObject(packages);
    // Outside this repository, where Node would find them all.
    const dir = await mkdtemp(join(tmpdir(), "playwright-xmtp-init-"));
    const before = { "@playwright/test": "1.65.1", viem: "2.30.0" };
    await project(dir, { "package.json": JSON.stringify({ devDependencies: before }) }, ["@playwright"]);
    const init = start(["init", `--${kind}`], dir);
    expect(await init.ended, init.output).toBe(0);
    const { devDependencies } = JSON.parse(await read(dir, "package.json")) as Manifest;
    expect(devDependencies).toMatchObject({ ...packages, ...before });
    expect(init.output).toContain("Now run: npm install && npx playwright test");
    await rm(dir, { recursive: true });
  });
}

interface Manifest {
  readonly devDependencies?: Readonly<Record<string, string>>;
}

for (const [args, told] of [
  [["--agent", "--web"], "INVALID_OPTION: --agent and --web were given together. Run init once for each"],
  [
    ["--command=npm start"],
    'INVALID_OPTION: --command was given "npm start", without --agent or --web. Say which of them',
  ],
] as const) {
  test(`init ${args.join(" ")} is refused by name, and writes nothing`, async ({ start }, testInfo) => {
    const dir = testInfo.outputPath("project");
    await project(dir, { "package.json": "{}" });
    const init = start(["init", ...args], dir);
    expect(await init.ended).toBe(1);
    expect(init.output).toContain(told);
    expect((await readdir(dir)).sort()).toEqual(["node_modules", "package.json"]);
  });
}
