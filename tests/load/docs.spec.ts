import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect } from "@playwright/test";
import { root, test } from "./run.js";

/** The n-th example of a language on the page. */
function example(page: string, language: string, n = 0): string {
  const all = [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))];
  return all[n]?.[1] ?? "";
}

test("the example of the page runs as it is pasted", async ({ rig }) => {
  const page = await readFile(join(root, "docs/load.md"), "utf8");
  const [processor, script, commands] = [example(page, "js"), example(page, "yaml"), example(page, "sh")];
  expect(commands).toContain("npx artillery run load.yml");
  expect(script).toContain("http://127.0.0.1:5556");

  const project = test.info().outputPath("project");
  await mkdir(join(project, "node_modules"), { recursive: true });
  await writeFile(join(project, "xmtp.mjs"), processor);
  await writeFile(join(project, "load.yml"), script.replace("http://127.0.0.1:5556", rig.node.url));
  // What its `npm install` does.
  await symlink(root, join(project, "node_modules/playwright-xmtp"));

  const { XMTP_API_URL: _, ...environment } = process.env;
  const child = spawn("artillery", ["run", "load.yml"], { cwd: project, env: environment });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(child, "close")) as [number | null];
  output = stripVTControlCharacters(output);
  expect(code, output).toBe(0);
  expect(output).toContain("ok: xmtp.lost == 0");
  expect(output).toMatch(/xmtp\.users\.settled: \.+ 20\n/);
  expect(output).toMatch(/xmtp\.delivered: \.+ [1-9]/);
});
