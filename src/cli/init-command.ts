import { writeFile } from "node:fs/promises";
import { dirname, join, normalize, resolve } from "node:path";
import { XmtpTestError } from "../errors.js";
import { agentTemplate, webTemplate } from "./app-templates.js";
import type { AppTemplate } from "./app-templates.js";
import { makeFolder } from "./folder.js";
import { readOptions } from "./options.js";
import { readIfThere, readProject } from "./project.js";
import { overrideBindings } from "./one-copy.js";
import { providePackages } from "./provide-packages.js";
import { provideSdk } from "./sdk-advice.js";
import type { Project, ProjectConfig } from "./project.js";
import { configText, exampleText, gitignoreLines, workflowFor } from "./templates.js";

const workflowName = ".github/workflows/playwright.yml";

/**
 * `playwright-xmtp init`: a working config, an example test and a CI workflow, merged with what is there.
 *
 * A config that is not its own stays as it is, whatever its extension: a second one beside it would hide the user's
 * tests. The example then goes where that config finds it, or the lines to add are printed.
 *
 * With `--agent` or `--web` the test is one of an app under test: the project's own, or the smallest that there can be
 * where it has none.
 */
export async function initCommand(args: string[]): Promise<void> {
  const options = await readOptions("init", args, {
    dir: { default: ".", help: "project folder" },
    force: { default: false, help: "overwrite an example test or workflow that is there; never a config" },
    agent: { default: false, help: "write a test of an agent, and an agent where there is none" },
    web: { default: false, help: "write a test of a web app, and a web app where there is none" },
    command: {
      default: "",
      help: "what starts your agent, or the server of your web app; empty: npm start, or npm run dev",
    },
  });
  if (!options) return;
  checkKind(options);
  const folder = resolve(options.dir);
  await makeFolder("dir", folder);
  const project = await readProject(folder);
  const extension = project.modules === "esm" ? project.language : `m${project.language}`;
  const { config } = project;
  const own = config === undefined || config.text === configText(project.language);
  const { name, test: example, app, packages } = templateFor(project, options);
  const plan = own
    ? { config: config?.name ?? `playwright.config.${extension}`, example: `tests/${name}.spec.${extension}` }
    : { config: undefined, example: exampleFor(config, name, extension) };

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
  // An app that is there is the user's, whatever --force says of the example.
  for (const [path, text] of Object.entries(app)) await write(folder, path, text, false);
  await write(folder, workflowName, workflowFor(options.web), options.force);
  await extendGitignore(folder);
  for (const line of advice(project, own, plan.example)) console.log(line);
  const sdk = await provideSdk(folder);
  const overridden = await overrideBindings(folder, sdk);
  const provided = await providePackages(folder, packages);
  for (const line of [...sdk.lines, ...overridden.lines, ...provided.lines]) console.log(line);
  if (options.web) console.log("A browser for the tests, once per machine: npx playwright install chromium");
  const changed = sdk.changed || provided.changed;
  const install = new Set([...(changed ? ["npm install"] : []), ...overridden.commands]);
  console.log(`\nNow run: ${[...install, "npx playwright test"].join(" && ")}`);
}

/** Where the example goes beside a config of the user's: into its tests, or into a folder for a project of its own. */
function exampleFor({ testDir, hasProjects }: ProjectConfig, name: string, extension: string): string {
  return hasProjects
    ? `xmtp/${name}.spec.${extension}`
    : normalize(`${testDir}/xmtp-${name}.spec.${extension}`);
}

interface KindOptions {
  readonly agent: boolean;
  readonly web: boolean;
  readonly command: string;
}

/** @throws XmtpTestError `INVALID_OPTION` for options that exclude or need each other */
function checkKind({ agent, web, command }: KindOptions): void {
  if (agent && web)
    throw new XmtpTestError(
      "INVALID_OPTION",
      "--agent and --web were given together.",
      "Run init once for each; nothing was written.",
    );
  if (command !== "" && !agent && !web)
    throw new XmtpTestError(
      "INVALID_OPTION",
      `--command was given "${command}", without --agent or --web.`,
      "Say which of them the command starts; nothing was written.",
    );
}

function templateFor(project: Project, { agent, web, command }: KindOptions): AppTemplate {
  if (agent) return agentTemplate(project, command);
  if (web) return webTemplate(project, command);
  return { name: "example", test: exampleText, app: {}, packages: {} };
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
