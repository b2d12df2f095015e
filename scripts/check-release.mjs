// node scripts/check-release.mjs v1.2.3: the tag names the package's version, and the changelog has its section.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** What keeps this tag from being released; empty when nothing does. */
export function releaseProblems(tag, version, changelog) {
  const problems = [];
  if (tag !== `v${version}`) problems.push(`The tag is ${tag}, but package.json says ${version}.`);
  const heading = new RegExp(`^## \\[?${version.replaceAll(".", "\\.")}\\]?(\\s|$)`, "mu");
  if (!heading.test(changelog)) problems.push(`CHANGELOG.md has no section "## ${version}".`);
  const unreleased = /^## \[?Unreleased\]?\s*$([\s\S]*?)(?=^## |(?![\s\S]))/mu.exec(changelog)?.[1] ?? "";
  if (/^- /mu.test(unreleased)) problems.push("CHANGELOG.md still lists changes under Unreleased.");
  return problems;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const problems = releaseProblems(process.argv[2] ?? "", version, readFileSync("CHANGELOG.md", "utf8"));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
