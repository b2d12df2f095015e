import { writeFile } from "node:fs/promises";
import { expect, test } from "playwright-xmtp";
import type { LaunchOptions } from "playwright-xmtp";

/** A server that says where it listens, asks for a password at /private, and is not found elsewhere than there and at /. */
const server = `
import { createServer } from "node:http";
let asked = 0;
const server = createServer(({ url }, response) => {
  asked++;
  response.statusCode = url === "/private" ? 401 : url === "/late" && asked > 2 ? 200 : 404;
  response.end(() => console.log("answered " + url + " with " + response.statusCode));
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log("listening at " + server.address().port + " as " + process.pid);
});
`;

test("an app is ready by its output, and named groups are its fields", async ({ launch }, testInfo) => {
  await writeFile(testInfo.outputPath("server.mjs"), server);
  const app = await launch("server", {
    command: "node server.mjs",
    cwd: testInfo.outputDir,
    ready: /listening at (?<port>\d+)/,
  });
  expect(Number(app.fields["port"])).toBeGreaterThan(0);
  await app.waitForOutput(/as (?<pid>\d+)/);
  expect(Object.keys(app.fields)).toEqual(["port", "pid"]);
  const { port, pid } = app.fields;
  // Those of the new run replace the old ones.
  await app.restart();
  await app.waitForOutput(new RegExp(`as (?<pid>(?!${String(pid)})\\d+)`));
  expect(app.fields["pid"]).not.toBe(pid);
  expect(app.fields["port"]).not.toBe(port);
});

test("an app is ready once its URL answers below 404, and not before", async ({ launch }, testInfo) => {
  await writeFile(testInfo.outputPath("server.mjs"), server);
  const cwd = testInfo.outputDir;
  const first = await launch("first", { command: "node server.mjs", cwd, ready: /at (?<port>\d+)/ });
  const { port } = first.fields;
  await first.stop();
  const env = { PORT: port };
  const at = (path: string) => ({ url: `http://127.0.0.1:${port}${path}` });

  const late = await launch("late", { command: "node server.mjs", cwd, env, ready: at("/late") });
  await late.waitForOutput(/late with 200/);
  expect(late.output.match(/answered \/late with \d+/g)).toEqual([
    "answered /late with 404",
    "answered /late with 404",
    "answered /late with 200",
  ]);
  await late.stop();

  const secret = await launch("secret", { command: "node server.mjs", cwd, env, ready: at("/private") });
  await secret.stop();

  const lost = launch("lost", { command: "node server.mjs", cwd, env, ready: at("/"), timeout: 3_000 });
  await expect(lost).rejects.toMatchObject({ code: "APP_NOT_READY" });
  await expect(lost).rejects.toThrow(
    new RegExp(
      `lost did not show an answer at http://127.0.0.1:${String(port)}/ within 3000 ms[\\s\\S]*with 404`,
    ),
  );
});

const refused: [string, unknown, RegExp][] = [
  ["no options", undefined, /launch\("bot"\) got undefined instead of options.*command: "node bot.mjs"/s],
  ["null", null, /got null instead of options/],
  ["a command by itself", "node bot.mjs", /got string instead of options/],
  ["no command", {}, /got the command undefined/],
  ["an empty command", { command: " " }, /got the command " "/],
  ["a misspelled option", { command: "x", wallet: "1" }, /got the option "wallet".*walletKey/s],
  ["a folder that is none", { command: "x", cwd: 7 }, /got cwd 7/],
  ["a word for ready", { command: "x", ready: "soon" }, /got ready: "soon".*\{ url: "http/s],
  ["a file's URL for ready", { command: "x", ready: { url: "file:///x" } }, /got ready: \{"url":"file:/],
  ["a short key", { command: "x", walletKey: "0xabc" }, /a walletKey that is not 32 bytes in hex/],
  ["a key with a stray letter", { command: "x", dbKey: "g".repeat(64) }, /a dbKey that is not 32 bytes/],
];

for (const [what, options, text] of refused) {
  test(`launch refuses ${what}`, async ({ launch }) => {
    const launching = launch("bot", options as LaunchOptions);
    await expect(launching).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(launching).rejects.toThrow(text);
    const error: unknown = await launching.catch((thrown: unknown) => thrown);
    expect(String(error), "a key is not told").not.toMatch(/abc|gggg/);
  });
}

test("launch refuses a timeout that is not a number, and another party's name", async ({ launch, alice }) => {
  const timeout = "1s" as unknown as number;
  await expect(launch("bot", { command: "true", timeout })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  // A sign of its own, so that this is asked on somebody else's node too.
  const options = { command: "true", ready: /./ };
  await expect(launch(alice.name, options)).rejects.toMatchObject({ code: "PARTY_CONFLICT" });
  await expect(launch("no/name", options)).rejects.toMatchObject({ code: "INVALID_NAME" });
});
