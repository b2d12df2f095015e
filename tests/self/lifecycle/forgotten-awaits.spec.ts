import { expect, test } from "@playwright/test";
import { runInlineTest } from "../inline-project.js";

const imports = `import { expect, test, typeofStream } from "playwright-xmtp";`;

const innocent = `
  test("innocent", async ({ alice }) => {
    await expect(alice).toHaveNoActiveStreams();
  });`;

for (const { what, call, told } of [
  {
    what: "a matcher",
    call: `void expect(bob).toHaveReceived("never", { timeout: 2_000 });`,
    told: "expect(…).toHaveReceived(…)",
  },
  {
    what: "a matcher turned round",
    call: `void expect(bob).not.toHaveReceived("gm", { timeout: 2_000 });`,
    told: "expect(…).toHaveReceived(…)",
  },
  { what: "a verb", call: `void bob.collectMessages(dm.id, 1, { timeout: 2_000 });`, told: "A verb of bob" },
]) {
  test(`${what} that nobody awaits fails its own test, with its place, and not the next`, async () => {
    const body = `${imports}
test("guilty", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);
  const dm = await alice.createDm(bob);
  ${call}
});
${innocent}`;
    const run = await runInlineTest({ "a.spec.ts": body });
    const failed = run.report?.suites[0]?.specs.filter(({ ok }) => !ok).map(({ title }) => title);
    expect(failed).toEqual(["guilty"]);
    expect(run.errors.join("\n")).toContain(`NOT_AWAITED: ${told} was still under way when its test ended`);
    expect(run.errors.join("\n")).toMatch(/a\.spec\.ts:5:\d+/);
  });
}

test("what is awaited, or is the loser of a test that fails, is not told", async () => {
  const body = `${imports}
test("awaited", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);
  const dm = await alice.createDm(bob);
  await Promise.all([expect(bob).toHaveReceived("gm"), alice.send(dm, "gm")]);
});
test("the loser of a race", async ({ alice, bob }) => {
  await bob.startStream(typeofStream.Message);
  const dm = await alice.createDm(bob);
  const silence = bob.collectMessages(dm.id, 1, { timeout: 60_000 }).then(() => "spoke");
  expect(await Promise.race([silence, alice.messages(dm).then(() => "silent")])).toBe("silent");
});
test("fails for another reason", async ({ bob }) => {
  await bob.startStream(typeofStream.Message);
  void expect(bob).toHaveReceived("never", { timeout: 2_000 });
  throw new Error("the reason");
});`;
  const run = await runInlineTest({ "a.spec.ts": body });
  expect(run).toMatchObject({ passed: 2, failed: 1 });
  expect(run.errors.join("\n")).toContain("the reason");
  expect(run.errors.join("\n")).not.toContain("NOT_AWAITED");
});
