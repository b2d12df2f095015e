import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import { test as base } from "@playwright/test";

const run = promisify(execFile);
export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What a command printed, and how it ended. */
export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

/** A folder outside this repository, so that nothing resolves by accident. */
export class Consumer {
  constructor(readonly dir: string) {}

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.dir, name)), { recursive: true });
      await writeFile(join(this.dir, name), text);
    }
  }

  /** Runs a command in the folder, or in one below it, with an environment that says nothing of this run. */
  async run(command: string, args: readonly string[], below = "."): Promise<Ended> {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(TEST_|PLAYWRIGHT_|PW_?TEST|XMTP_|GITHUB_|npm_|NODE_OPTIONS$|CI$)/i.test(name),
      ),
    );
    const options = { cwd: join(this.dir, below), env: { ...env, NO_COLOR: "1" }, maxBuffer: 2 ** 26 };
    try {
      const { stdout, stderr } = await run(command, [...args], options);
      return { exitCode: 0, output: stripVTControlCharacters(stdout + stderr) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
      if (typeof code !== "number") throw error;
      return { exitCode: code, output: stripVTControlCharacters(stdout + stderr) };
    }
  }
}

/** The folders below `dir` that a package is installed in, wherever a manager has put them; links count once. */
export function copiesOf(name: string, dir: string): string[] {
  const manifests = readdirSync(dir, { recursive: true }).map(String);
  return manifests
    .filter((path) => path.endsWith(join("node_modules", name, "package.json")))
    .map((path) => dirname(path));
}

/** `test` with the packed tarball, and an empty folder that it is installed into; made once for a file. */
export const test = base.extend<object, { tarball: string; consumer: Consumer }>({
  tarball: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "playwright-xmtp-tarball-"));
      // The set-up of this run has built dist/ already; building it again would race with other tests.
      await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
      const [name = ""] = await readdir(folder);
      await use(join(folder, name));
      await rm(folder, { recursive: true });
    },
    { scope: "worker", timeout: 60_000 },
  ],
  consumer: [
    async ({}, use) => {
      const dir = await mkdtemp(join(tmpdir(), "playwright-xmtp-consumer-"));
      await use(new Consumer(dir));
      await rm(dir, { recursive: true });
    },
    { scope: "worker" },
  ],
});
