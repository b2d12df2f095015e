// Runs suites with each node-sdk version as the project's own, and writes what came out into docs/versions.md:
//   node scripts/versions.mjs                                        every version, every suite
//   node scripts/versions.mjs --suite functional --sdk 6.0.0 --sdk 6.1
// Cells that were not run keep what they said. `--check` only looks whether the page has every version and suite.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bindingsOf, copyFor, environmentFor, neededGlibc, versionNamed } from "./on-sdk.mjs";
import { all, cache, root } from "./sdk-versions.mjs";

export const suites = ["functional", "chaos", "perf", "examples"];
export const page = join(root, "docs/versions.md");
const head = ["node-sdk", "bindings", "needs glibc", ...suites];

/** The rows of a page, by version. @returns cells by column */
export function readPage(text) {
  const rows = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map(cellsOf);
  const [columns = [], , ...body] = rows;
  return new Map(
    body.map((cells) => [cells[0], Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ""]))]),
  );
}

const cellsOf = (line) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** What a page lacks of these versions and suites, in words; empty when its shape is current. */
export function lacking(text, versions = all) {
  const rows = readPage(text);
  const missing = versions.filter((version) => !rows.has(version)).map((version) => `no row for ${version}`);
  const old = [...rows.keys()].filter((version) => !versions.includes(version));
  const blank = versions.flatMap((version) =>
    suites
      .filter((suite) => !rows.get(version)?.[suite])
      .map((suite) => `${version} has no cell for ${suite}`),
  );
  return [
    ...missing,
    ...old.map((version) => `${version} is tested no more`),
    ...(missing.length > 0 ? [] : blank),
  ];
}

/** The page for these rows. */
export function writePage(rows, versions = all) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const body = versions.map((version) => {
    const row = rows.get(version) ?? {};
    return line([version, ...head.slice(1).map((name) => row[name] || "not run")]);
  });
  return `# Suites by SDK version

Every suite of this repository, run with each version of \`@xmtp/node-sdk\` as the project's own. A cell has the tests that
passed and those that ran, then the Node and the glibc that they ran on. Written by \`npm run versions\`; a run of some
versions or suites leaves the other cells as they are.

${[line(head), line(head.map(() => "---")), ...body].join("\n")}

What a version truly does otherwise stands in \`tests/support/sdk-differences.ts\`, with its reason.
`;
}

function bindingsVersion(version) {
  return JSON.parse(readFileSync(join(bindingsOf(version), "../package.json"), "utf8")).version;
}

/** Runs one suite; its cell. */
function runSuite(version, suite) {
  const dir = copyFor(version);
  let env;
  try {
    env = environmentFor(version, dir);
  } catch (error) {
    console.log(`SKIPPED: node-sdk ${version} (${error.message})`);
    return "not run: no newer glibc";
  }
  mkdirSync(cache, { recursive: true });
  const results = join(cache, `on-sdk/${version}-${suite}.json`);
  const host = spawnSync(
    "node",
    [
      "-p",
      "`Node ${process.versions.node}, glibc ${process.report.getReport().header.glibcVersionRuntime ?? 'none'}`",
    ],
    { env, encoding: "utf8" },
  ).stdout.trim();
  spawnSync("npx", ["playwright", "test", `--project=${suite}`, "--reporter=list,json"], {
    cwd: dir,
    stdio: "inherit",
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: results },
  });
  return `${resultText(JSON.parse(readFileSync(results, "utf8")))} (${host})`;
}

/** "240 of 240", and how many were skipped. */
export function resultText({ stats, errors = [] }) {
  const { expected, unexpected, flaky, skipped } = stats;
  const ran = expected + unexpected + flaky;
  if (ran === 0) return `did not start (${errors.length} errors)`;
  return `${expected} of ${ran}${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      sdk: { type: "string", multiple: true, default: all },
      suite: { type: "string", multiple: true, default: suites },
      check: { type: "boolean", default: false },
    },
  });
  const before = existsSync(page) ? readFileSync(page, "utf8") : "";
  if (values.check) {
    const lacks = lacking(before);
    for (const text of lacks) console.error(`docs/versions.md: ${text}`);
    if (lacks.length > 0) console.error("Run: npm run versions");
    process.exit(lacks.length === 0 ? 0 : 1);
  }
  const rows = readPage(before);
  for (const version of values.sdk.map(versionNamed)) {
    const row = rows.get(version) ?? {};
    rows.set(version, row);
    for (const suite of values.suite) {
      row[suite] = runSuite(version, suite);
      row.bindings = bindingsVersion(version);
      row["needs glibc"] = neededGlibc(version);
      writeFileSync(page, writePage(rows));
    }
  }
}
