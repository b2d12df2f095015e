import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { test } from "../cli/command.js";
import { runInlineTest } from "../inline-project.js";

const suite = fileURLToPath(new URL("conformance.spec.js", import.meta.url));

test("the conformance suite runs against a node that is already there, by its URL", async ({ start }) => {
  test.setTimeout(180_000);
  const command = start(["node", "--port", "0", "--history-port", "0"]);
  const [, url = ""] = await command.waitFor(/XMTP node on (\S+),/);
  const run = await runInlineTest(
    { "conformance.spec.ts": `import ${JSON.stringify(suite)};\n` },
    { env: { XMTP_API_URL: url }, timeoutMs: 150_000 },
  );
  expect(run.errors).toEqual([]);
  expect(run.exitCode).toBe(0);
  expect(run.passed, "all but what only the embedded node can show").toBeGreaterThan(200);
  expect(run.skipped).toBeGreaterThan(3);
  expect(run.skipped).toBeLessThan(10);
});

test("without a node at the URL it fails, and does not start one of its own", async () => {
  const run = await runInlineTest(
    { "conformance.spec.ts": `import ${JSON.stringify(suite)};\n` },
    { env: { XMTP_API_URL: "http://127.0.0.1:9" }, args: ["test", "--workers=1", "--max-failures=1"] },
  );
  expect(run).toMatchObject({ exitCode: 1, passed: 0 });
  expect(run.errors.join("\n")).toContain("NODE_UNREACHABLE");
});
