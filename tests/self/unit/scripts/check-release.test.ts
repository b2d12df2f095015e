import { expect, test } from "vitest";
import { releaseProblems } from "../../../../scripts/check-release.mjs";

const changelog = "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-24\n\n- A change.\n\n## 1.2.2\n";

test("a tag, a version and a changelog that agree may be released", () => {
  expect(releaseProblems("v1.2.3", "1.2.3", changelog)).toEqual([]);
});

test("a tag of another version is told", () => {
  expect(releaseProblems("v1.2.4", "1.2.3", changelog)).toEqual([
    "The tag is v1.2.4, but package.json says 1.2.3.",
  ]);
});

test("a version without a section is told, and a longer version is not taken for it", () => {
  expect(releaseProblems("v1.2", "1.2", changelog)).toEqual(['CHANGELOG.md has no section "## 1.2".']);
});

test("changes that were left under Unreleased are told", () => {
  const left = changelog.replace("## Unreleased\n", "## Unreleased\n\n- Forgotten.\n");
  expect(releaseProblems("v1.2.3", "1.2.3", left)).toEqual([
    "CHANGELOG.md still lists changes under Unreleased.",
  ]);
});
