import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { test as base } from "@playwright/test";
import type { LoadReport } from "#src/load/report/merge.js";
import { startNode } from "#src/network/index.js";
import type { EmbeddedNode } from "#src/network/index.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const scenario = (name: string): string => join(root, "tests/load", name);

/** How a command ended. */
export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

export interface Rig {
  /** Where the run writes. */
  readonly folder: string;
  readonly node: EmbeddedNode;
  /** Runs `playwright-xmtp` to its end, on the rig's node. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  report(folder?: string): Promise<LoadReport>;
}

/** A node in this process, so that a test can seed faults in it while a load run goes on. */
export const test = base.extend<{ rig: Rig }>({
  rig: async ({}, use, testInfo) => {
    const why = "Artillery is not at hand: npm run load brings it";
    testInfo.skip(process.env["ARTILLERY_HOME"] === undefined, why);
    await using node = await startNode();
    const children = new Set<() => void>();
    const folder = testInfo.outputPath("load");
    await use({
      folder,
      node,
      run: (args, environment = {}) =>
        command(
          process.execPath,
          [join(root, "dist/src/cli/main.js"), ...args],
          { XMTP_API_URL: node.url, ...environment },
          children,
        ),
      report: async (of = folder) =>
        JSON.parse(await readFile(join(of, "load-report.json"), "utf8")) as LoadReport,
    });
    for (const kill of children) kill();
  },
});

async function command(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  children: Set<() => void>,
): Promise<Ended> {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...environment },
  });
  const kill = (): void => void child.kill();
  children.add(kill);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number | null];
  children.delete(kill);
  return { exitCode: code ?? -1, output: stripVTControlCharacters(output) };
}
