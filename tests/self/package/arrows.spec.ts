import { execFile } from "node:child_process";
import { appendFile, cp, mkdir, symlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";

/*
 * The rules of .dependency-cruiser.mjs prove themselves: each is broken once in a scratch copy of the sources, by an
 * import as people write it, and `depcruise` must name the rule.
 */

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../../..");
const cruiser = resolve(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");

interface Answer {
  readonly code: number;
  readonly output: string;
}

async function scratch(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of ["src", "fixtures", ".dependency-cruiser.mjs", "tsconfig.json", "package.json"])
    await cp(resolve(root, name), resolve(folder, name), { recursive: true });
  await symlink(resolve(root, "node_modules"), resolve(folder, "node_modules"));
  return folder;
}

async function cruise(folder: string): Promise<Answer> {
  try {
    const { stdout } = await run(process.execPath, [cruiser, "src", "fixtures", "--progress", "none"], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, output: stdout };
  }
}

const seeds = [
  {
    what: "a type of a room above",
    rule: "arrow-src-oracles",
    file: "src/oracles/verdict.ts",
    line: 'import type { Worker } from "../workers/worker.js";\nexport type Seeded = Worker;\n',
  },
  {
    what: "a value of a room above, imported on demand",
    rule: "arrow-src-ledger",
    file: "src/ledger/ledger.ts",
    line: 'export const seeded = async () => await import("../chaos/index.js");\n',
  },
  {
    what: "a circle made of types",
    rule: "circle",
    file: "src/ledger/events.ts",
    line: 'import type { TestLedger } from "./ledger.js";\nexport type Seeded = TestLedger;\n',
  },
  {
    what: "a service, in the node's transport",
    rule: "arrow-src-network-grpc",
    file: "src/network/grpc/frame.ts",
    line: 'export * from "../services/health.js";\n',
  },
  {
    what: "a fixture, in a room",
    rule: "upward",
    file: "src/errors.ts",
    line: 'export type { XmtpOptions } from "../fixtures/options.js";\n',
  },
  {
    what: "a room, in a leaf",
    rule: "arrow-src-leaf",
    file: "src/random.ts",
    line: 'export type { LedgerEvent } from "./ledger/events.js";\n',
  },
  {
    what: "a room without an entry in the table",
    rule: "room-unknown-src",
    file: "src/attic/box.ts",
    line: 'export { XmtpTestError } from "../errors.js";\n',
  },
] as const;

test("the sources keep every arrow", async ({}, testInfo) => {
  expect(await cruise(await scratch(testInfo.outputPath("clean")))).toMatchObject({ code: 0 });
});

test("each rule names the import that breaks it", async ({}, testInfo) => {
  const folder = await scratch(testInfo.outputPath("seeded"));
  for (const { file, line } of seeds) {
    await mkdir(dirname(resolve(folder, file)), { recursive: true });
    await appendFile(resolve(folder, file), line);
  }
  const { code, output } = await cruise(folder);
  for (const { what, rule, file } of seeds) expect(output, what).toContain(`error ${rule}: ${file}`);
  // A seed in a leaf closes hundreds of circles, and of an exit code the system keeps eight bits.
  const errors = Number(/\((\d+) errors,/.exec(output)?.[1]);
  expect(errors).toBeGreaterThanOrEqual(seeds.length);
  expect(code, "the exit code counts the violations").toBe(errors % 256);
});
