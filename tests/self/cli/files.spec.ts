import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { startNode } from "playwright-xmtp/network";
import { getWorkers } from "playwright-xmtp";
import { test } from "./command.js";

const written = [
  ".github/workflows/playwright.yml",
  ".gitignore",
  "playwright.config.ts",
  "tests/example.spec.ts",
];

test("populate writes a network that has its inboxes", async ({ start }, testInfo) => {
  await mkdir(testInfo.outputDir, { recursive: true });
  const command = start(["populate", "--inboxes=3", "--file=small.snapshot"], testInfo.outputDir);
  expect(await command.ended, command.output).toBe(0);
  expect(command.output).toContain("3 of 3 inboxes");

  const list = await readFile(testInfo.outputPath("small.snapshot.json"), "utf8");
  const inboxes = JSON.parse(list) as { inboxId: string; address: string }[];
  expect(new Set(inboxes.map(({ inboxId }) => inboxId)).size).toBe(3);
  expect(list).not.toMatch(/key/i);

  await using node = await startNode();
  await node.restore(testInfo.outputPath("small.snapshot"));
  await using workers = await getWorkers({ alice: node.url }, "populated");
  const ids = inboxes.map(({ inboxId }) => inboxId);
  const group = await workers.get("alice").client.conversations.createGroup(ids);
  expect((await group.members()).map(({ inboxId }) => inboxId)).toEqual(expect.arrayContaining(ids));
});

test("init writes a config, a test and a workflow, and overwrites nothing unasked", async ({
  start,
}, testInfo) => {
  const dir = testInfo.outputPath("project");
  expect(await start(["init", `--dir=${dir}`]).ended).toBe(0);
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  expect(files.map((one) => join(one.parentPath, one.name).slice(dir.length + 1)).sort()).toEqual(written);

  const test = join(dir, "tests/example.spec.ts");
  const original = await readFile(test, "utf8");
  await writeFile(test, "mine");
  const again = start(["init", `--dir=${dir}`]);
  expect(await again.ended).toBe(1);
  expect(again.output).toMatch(/^FILE_EXISTS: .*tests\/example\.spec\.ts.*--force/m);
  expect(await readFile(test, "utf8")).toBe("mine");

  expect(await start(["init", `--dir=${dir}`, "--force"]).ended).toBe(0);
  expect(await readFile(test, "utf8")).toBe(original);
});

test("the workflow that init writes is the one in the docs", async ({ start }, testInfo) => {
  const dir = testInfo.outputPath("project");
  expect(await start(["init", `--dir=${dir}`]).ended).toBe(0);
  const page = await readFile(fileURLToPath(new URL("../../../docs/ci.md", import.meta.url)), "utf8");
  const workflow = await readFile(join(dir, ".github/workflows/playwright.yml"), "utf8");
  expect(page).toContain(workflow);
});

test("help names every command and every option", async ({ start }) => {
  const help = start(["--help"]);
  expect(await help.ended).toBe(0);
  for (const name of ["init", "node", "toxiproxy", "populate"]) {
    expect(help.output).toContain(`  ${name} `);
    const own = start([name, "--help"]);
    expect(await own.ended).toBe(0);
    expect(own.output).toMatch(new RegExp(`^Usage: playwright-xmtp ${name} \\[options\\]\n\n  --`));
  }
});

test("the version is told, by the program and by each command", async ({ start }) => {
  const { version } = JSON.parse(
    await readFile(fileURLToPath(new URL("../../../package.json", import.meta.url)), "utf8"),
  ) as { version: string };
  for (const args of [["--version"], ["node", "--version"], ["init", "--version"]]) {
    const told = start(args);
    expect(await told.ended).toBe(0);
    expect(told.output).toBe(`${version}\n`);
  }
});

const mistakes = {
  "an unknown command": [["nod"], /^UNKNOWN_COMMAND: Unknown command "nod"\. Known: init, node/],
  "a name that every object has": [["toString"], /^UNKNOWN_COMMAND: Unknown command "toString"/],
  "an unknown option": [["node", "--prot=1"], /^INVALID_OPTION: .*--prot.*See `playwright-xmtp node --help`/],
  "a port that is not a number": [
    ["node", "--port=http"],
    /^INVALID_OPTION: --port is "http"\. Give a whole/,
  ],
  "an empty number": [["node", "--port="], /^INVALID_OPTION: --port is ""\. Give a whole/],
  "a negative count": [["populate", "--inboxes=-1"], /^INVALID_OPTION: --inboxes is "-1"/],
  "an argument too many": [["init", "here"], /^INVALID_OPTION: .*here/],
  "no inbox at all": [
    ["populate", "--inboxes=0"],
    /^INVALID_OPTION: --inboxes is "0"\. Give a whole number, 1 or/,
  ],
  "a file in no folder": [
    ["populate", "--file=/no/such/file"],
    /^INVALID_OPTION: --file .*no folder \/no\/such\./,
  ],
  "a state file in no folder": [
    ["node", "--port=0", "--state-file=/no/such/file"],
    /^INVALID_OPTION: --state-file .*no folder \/no\/such\./,
  ],
  "a port that is too high": [["node", "--port=99999"], /^BAD_PORT: This is not a port \(99999\)/],
  "a port of Toxiproxy's that is too high": [["toxiproxy", "-port", "99999"], /^BAD_PORT/],
  "an address that is not this machine's": [
    ["toxiproxy", "-host=192.0.2.1", "-port=0"],
    /^BAD_HOST: The Toxiproxy cannot listen on 192\.0\.2\.1/,
  ],
  "a config of Toxiproxy that is not there": [
    ["toxiproxy", "-config=/nope"],
    /^INVALID_OPTION: --config is "\/nope"/,
  ],
  "a snapshot that is not there": [
    ["node", "--port=0", "--history-port=0", "--restore=/nope"],
    /^BAD_SNAPSHOT: .*\/nope/,
  ],
  "a snapshot that is none": [
    ["node", "--port=0", "--history-port=0", "--restore=/dev/null"],
    /^BAD_SNAPSHOT/,
  ],
} satisfies Record<string, [string[], RegExp]>;

for (const [what, [args, message]] of Object.entries(mistakes)) {
  test(`${what} is refused by name`, async ({ start }) => {
    const command = start(args);
    expect(await command.ended).toBe(1);
    expect(command.output).toMatch(message);
    expect(command.output).not.toMatch(/^\s+at /m);
  });
}
