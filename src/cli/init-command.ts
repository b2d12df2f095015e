import { writeFile } from "node:fs/promises";
import { dirname, join, normalize, resolve } from "node:path";
import { XmtpTestError } from "../errors.js";
import { makeFolder } from "./folder.js";
import { readOptions } from "./options.js";
import { readIfThere, readProject } from "./project.js";
import { overrideBindings } from "./one-copy.js";
import { provideSdk } from "./sdk-advice.js";
import type { Project, ProjectConfig } from "./project.js";
import { configText, exampleText, gitignoreLines, workflowText } from "./templates.js";

const workflowName = ".github/workflows/playwright.yml";

/**
 * `playwright-xmtp init`: a working config, an example test and a CI workflow, merged with what is there.
 *
 * A config that is not its own stays as it is, whatever its extension: a second one beside it would hide the user's
 * tests. The example then goes where that config finds it, or the lines to add are printed.
 */
export async function initCommand(args: string[]): Promise<void> {
  const options = await readOptions("init", args, {
    dir: { default: ".", help: "project folder" },
    force: { default: false, help: "overwrite an example test or workflow that is there; never a config" },
  });
  if (!options) return;
  const folder = resolve(options.dir);
  await makeFolder("dir", folder);
  const project = await readProject(folder);
  const extension = project.modules === "esm" ? project.language : `m${project.language}`;
  const { config } = project;
  const own = config === undefined || config.text === configText(project.language);
  const plan = own
    ? { config: config?.name ?? `playwright.config.${extension}`, example: `tests/example.spec.${extension}` }
    : { config: undefined, example: exampleFor(config, extension) };
  const example = exampleText;

  const there = await readIfThere(join(folder, plan.example));
  if (own && there !== undefined && there !== example && !options.force) {
    throw new XmtpTestError(
      "FILE_EXISTS",
      `${plan.example} exists already.`,
      "Nothing was written. Use --force to overwrite.",
    );
  }
  if (plan.config !== undefined) await write(folder, plan.config, configText(project.language), false);
  else console.log(`kept  ${config?.name ?? ""}: it is yours`);
  await write(folder, plan.example, example, options.force);
  await write(folder, workflowName, workflowText, options.force);
  await extendGitignore(folder);
  for (const line of advice(project, own, plan.example)) console.log(line);
  const sdk = await provideSdk(folder);
  const overridden = await overrideBindings(folder, sdk);
  for (const line of [...sdk.lines, ...overridden]) console.log(line);
  const install = sdk.changed || overridden.length > 0 ? "npm install && " : "";
  console.log(`\nNow run: ${install}npx playwright test`);
}

/** Where the example goes beside a config of the user's: into its tests, or into a folder for a project of its own. */
function exampleFor({ testDir, hasProjects }: ProjectConfig, extension: string): string {
  return hasProjects
    ? `xmtp/example.spec.${extension}`
    : normalize(`${testDir}/xmtp-example.spec.${extension}`);
}

function advice({ modules, language, config }: Project, own: boolean, example: string): string[] {
  const lines: string[] = [];
  if (!own && config !== undefined) {
    lines.push("", `Add to ${config.name}:`);
    if (config.hasProjects)
      lines.push(`  projects: [ …, { name: "xmtp", testDir: "./${dirname(example)}" }],`);
    lines.push('  reporter: [ …, ["playwright-xmtp/reporter"]],   // the run page, xmtp-report/index.html');
    if (!config.hasProjects && /\btestMatch\s*:/u.test(config.text))
      lines.push(`Its testMatch must match ${example}.`);
  }
  if (modules === "commonjs")
    lines.push(
      "",
      `This package is CommonJS, so the files end in .m${language}: they can import packages that are ESM only, such as @xmtp/agent-sdk.`,
    );
  return lines;
}

/** Writes a file that is not there, or that may be overwritten; says which of both happened. */
async function write(folder: string, name: string, text: string, overwrite: boolean): Promise<void> {
  const path = join(folder, name);
  const there = await readIfThere(path);
  if (there === text || (there !== undefined && !overwrite)) {
    console.log(`kept  ${name}`);
    return;
  }
  await makeFolder("dir", dirname(path));
  await writeFile(path, text);
  console.log(`wrote ${name}`);
}

/** Adds the lines that are missing; `a/`, `/a` and `a` ignore the same folder. */
async function extendGitignore(folder: string): Promise<void> {
  const path = join(folder, ".gitignore");
  const text = (await readIfThere(path)) ?? "";
  const bare = (line: string): string => line.trim().replace(/^\/|\/$/gu, "");
  const known = new Set(text.split("\n").map(bare));
  const missing = gitignoreLines.filter((line) => !known.has(bare(line)));
  if (missing.length === 0) return;
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  await writeFile(path, `${text}${gap}${missing.join("\n")}\n`);
  console.log(`wrote .gitignore (${missing.join(", ")})`);
}
