import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { apiReport } from "../../../../scripts/api-report.mjs";

let root = "";
const declared = `import type { Far } from "elsewhere";
export { helper } from "./helper.js";
/** Text that no report has. */
export declare class Thing {
    #secret: string;
    private hidden;
    protected within: number;
    /** @internal */
    forUs(): void;
    shown(far: Far): Promise<void>;
}
`;

function write(name: string, text: string): void {
  writeFileSync(join(root, "dist", name), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "api-report-"));
  mkdirSync(join(root, "dist"));
  const exports = { ".": { types: "./dist/index.d.ts" }, "./package.json": "./package.json" };
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "thing", exports }));
  write("index.d.ts", declared);
  write(
    "helper.d.ts",
    "export interface How { fast: boolean }\nexport declare function helper(how: How): void;\n",
  );
  apiReport(root, { check: false });
});

afterEach(() => rmSync(root, { recursive: true }));

test("a report has what is public, and the types that it mentions", () => {
  const text = readFileSync(join(root, "api/thing.md"), "utf8");
  expect(text).toContain("shown(far: Far): Promise<void>;");
  expect(text).toContain("export declare function helper(how: How): void;");
  expect(text).toMatch(/not exported[\s\S]*interface How/);
  expect(text).not.toMatch(/secret|hidden|within|forUs|Text that/);
  expect(apiReport(root, { check: true })).toEqual([]);
});

test.each([
  ["a new export", "index.d.ts", `${declared}export declare const more: number;\n`],
  ["another parameter", "index.d.ts", declared.replace("far: Far", "far: Far, near: boolean")],
  ["a member that is gone", "index.d.ts", declared.replace(/ +shown.*\n/, "")],
  [
    "a field of a type that is only mentioned",
    "helper.d.ts",
    "export interface How { slow: boolean }\nexport declare function helper(how: How): void;\n",
  ],
])("%s is noticed, and written only when asked", (_what, file, text) => {
  write(file, text);
  expect(apiReport(root, { check: true })).toEqual(["api/thing.md"]);
  expect(apiReport(root, { check: true })).toEqual(["api/thing.md"]);
  expect(apiReport(root, { check: false })).toEqual(["api/thing.md"]);
  expect(apiReport(root, { check: true })).toEqual([]);
});

test("what changes in comments and private members is not", () => {
  write("index.d.ts", declared.replace("Text that", "Words that").replace("private hidden", "private other"));
  expect(apiReport(root, { check: true })).toEqual([]);
});

test("the report of an entry that is gone is stale", () => {
  writeFileSync(join(root, "api/thing-gone.md"), "# thing/gone\n");
  expect(apiReport(root, { check: true })).toEqual(["api/thing-gone.md"]);
});

test("declarations that were not built say what to do", () => {
  rmSync(join(root, "dist/helper.d.ts"));
  expect(() => apiReport(root, { check: true })).toThrow(
    "dist/index.d.ts needs ./helper.js: run npm run build",
  );
});
