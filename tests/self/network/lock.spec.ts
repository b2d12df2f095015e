import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@playwright/test";

test("of many nodes that find a dead owner's lock, exactly one takes it", async ({}, info) => {
  const folder = info.outputPath("locked");
  await mkdir(folder, { recursive: true });
  const file = join(folder, "node.state");
  const lock = pathToFileURL(resolve("dist/src/network/state/lock.js")).href;
  const script = `
    import { Lock } from ${JSON.stringify(lock)};
    process.stdout.write("ready");
    process.stdin.once("data", () => {
      try {
        Lock.take(${JSON.stringify(file)});
        process.stdout.write("won");
      } catch (error) {
        process.stdout.write(error.code);
      }
    });`;
  for (let round = 0; round < 5; round++) {
    const dead = { pid: 2 ** 22, start: "1", boot: "", id: `dead-${round}` };
    await writeFile(`${file}.lock`, JSON.stringify(dead));
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    try {
      await Promise.all(children.map(({ stdout }) => once(stdout, "data")));
      const said = await Promise.all(
        children.map(async ({ stdin, stdout }) => {
          stdin.write("go\n");
          const [chunk] = (await once(stdout, "data")) as [Buffer];
          return chunk.toString();
        }),
      );
      expect(said.sort()).toEqual(["STATE_IN_USE", "STATE_IN_USE", "STATE_IN_USE", "won"]);
    } finally {
      await Promise.all(
        children.map(async (child) => {
          const exit = once(child, "exit");
          child.kill();
          await exit;
        }),
      );
    }
  }
  expect(await readdir(folder)).toEqual(["node.state.lock"]);
});
