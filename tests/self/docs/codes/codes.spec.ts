import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { runInlineTest } from "../../inline-project.js";
import { root } from "../../package/consumer.js";
import { documentedCodes, excusedCodes, failures, unseenCodes } from "./codes.js";

const page = readFileSync(join(root, "docs/errors.md"), "utf8");
const failing = fileURLToPath(new URL("failing", import.meta.url));

test("each code of docs/errors.md begins a message of a Playwright output, or the page says why not", async () => {
  test.setTimeout(1_800_000);
  // A process for each file: what one does to its process is not for the others.
  const projects = readdirSync(failing).map((file) => ({ name: file, testMatch: `**/${file}` }));
  const config = { testDir: failing, fullyParallel: true, timeout: 300_000, reporter: "list", projects };
  const run = await runInlineTest(
    { "playwright.config.ts": `export default ${JSON.stringify(config)};\n` },
    // One of them waits for half a minute and does nothing.
    { args: ["test", "--workers=3"], timeoutMs: 1_700_000 },
  );
  expect(documentedCodes(page).length).toBeGreaterThan(90);
  expect(unseenCodes(page, run.output)).toEqual([]);
  expect(run.failed).toBe(failures(run.output).size);
});

test("a code is missed that nobody provokes, that comes late in its message, or that is excused and seen", () => {
  const seeded = `| code | what |
| --- | --- |
| \`SEEN\`, \`NEVER\` | x |
| \`LATE\` | x |

## Not in a test's output

| code | why |
| --- | --- |
| \`EXCUSED\` | x |
| \`WRONGLY\` | x |
`;
  const output = `  1) a.mjs:1:1 › SEEN › a step ───
    XmtpTestError: SEEN: it happened.

  2) [project] › a.mjs:2:1 › LATE ───
    Error: it was LATE: it happened.

  3) a.mjs:3:1 › WRONGLY ───
    XmtpTestError: WRONGLY: it happened.
`;
  expect(documentedCodes(seeded)).toEqual(["SEEN", "NEVER", "LATE", "EXCUSED", "WRONGLY"]);
  expect(excusedCodes(seeded)).toEqual(["EXCUSED", "WRONGLY"]);
  expect(unseenCodes(seeded, output)).toEqual([
    "NEVER: no test provokes it, and the page does not say why",
    "LATE: its test fails with\nError: it was LATE: it happened.",
    "WRONGLY: the page says that no test shows it, and one does",
  ]);
});
