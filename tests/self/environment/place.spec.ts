import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { runInlineTest } from "../inline-project.js";

const run = promisify(execFile);
const notice = /playwright-xmtp: XMTP_ENV=dev alone does not lead tests to a public network/g;
const hello = `import { expect, test } from "playwright-xmtp";
test("hello", async ({ alice, network }) => {
  expect(alice.env).toBe("embedded");
  expect((await network.stats()).identityUpdates).toBe(1);
});
`;

test("XMTP_ENV=dev alone: the embedded network, and one line for the whole run", async () => {
  const files = { "a.spec.ts": hello, "b.spec.ts": hello };
  const told = await runInlineTest(files, { args: ["test", "--workers=2"], env: { XMTP_ENV: "dev" } });
  expect(told.errors).toEqual([]);
  expect(told.passed).toBe(2);
  expect(told.output.match(notice)).toHaveLength(1);
});

test("what the config or the consent names is taken, and nothing is said", async () => {
  const files = {
    "playwright.config.ts": `export default { projects: [
      { name: "named", use: { xmtpEnv: "production" } }, { name: "plain" }] };`,
    "a.spec.ts": `import { expect, test } from "playwright-xmtp";
      test("where", ({ xmtpEnv }, testInfo) =>
        expect(xmtpEnv).toBe(testInfo.project.name === "named" ? "production" : process.env.WANTED));`,
  };
  const env = { XMTP_ENV: "dev", XMTP_ALLOW_PUBLIC: "1", WANTED: "dev" };
  const allowed = await runInlineTest(files, { env });
  expect(allowed.errors).toEqual([]);
  expect(allowed.passed).toBe(2);
  expect(allowed.output).not.toMatch(notice);

  const alone = await runInlineTest(files, { env: { XMTP_ENV: "dev", WANTED: "embedded" }, folder: "alone" });
  expect(alone.errors).toEqual([]);
  expect(alone.passed).toBe(2);
});

test("a node that is not on this machine is told, once", async () => {
  const quiet = `import { test } from "playwright-xmtp"; test("no network", () => {});`;
  const told = await runInlineTest(
    { "a.spec.ts": quiet, "b.spec.ts": quiet },
    { args: ["test", "--workers=2"], env: { XMTP_API_URL: "http://192.0.2.1:5556" } },
  );
  expect(told.passed).toBe(2);
  expect(
    told.output.match(/XMTP_API_URL leads tests to http:\/\/192\.0\.2\.1:5556, which is not/g),
  ).toHaveLength(1);
});

test("a script with getWorkers keeps to the embedded network too, and says so once", async () => {
  const script = `import { getWorkers } from "playwright-xmtp";
    for (const title of ["one", "two"]) {
      const workers = await getWorkers(["alice"], title);
      console.log(workers.get("alice").env);
      await workers.terminateAll();
    }`;
  const env = { ...process.env, XMTP_ENV: "dev", XMTP_ALLOW_PUBLIC: "", TEST_WORKER_INDEX: "" };
  const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", script], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    env,
  });
  expect(stdout).toBe("embedded\nembedded\n");
  expect(stderr.match(notice)).toHaveLength(1);
});
