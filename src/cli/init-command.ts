import { access, mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { XmtpTestError } from "../errors.js";
import { readOptions } from "./options.js";
import { templates } from "./templates.js";

/** `playwright-xmtp init`: a working config, an example test and a CI workflow. Nothing is overwritten unasked. */
export async function initCommand(args: string[]): Promise<void> {
  const options = readOptions("init", args, {
    dir: { default: ".", help: "project folder" },
    force: { default: false, help: "overwrite what is there" },
  });
  if (!options) return;
  const files = Object.entries(templates).map(([name, text]) => ({
    name,
    path: resolve(options.dir, name),
    text,
  }));
  const present = options.force
    ? []
    : await Promise.all(files.map(async (file) => ((await exists(file.path)) ? file.name : "")));
  const taken = present.filter((name) => name !== "");
  if (taken.length > 0) {
    throw new XmtpTestError(
      "FILE_EXISTS",
      `${taken.join(", ")} exist${taken.length === 1 ? "s" : ""} already.`,
      "Nothing was written. Use --force to overwrite.",
    );
  }
  for (const { name, path, text } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    console.log(`wrote ${name}`);
  }
  console.log("\nNow run: npx playwright test");
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
