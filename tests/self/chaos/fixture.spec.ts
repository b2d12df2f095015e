import { expect, test } from "@playwright/test";
import { runInlineTest, specsOf } from "../inline-project.js";

const head = `import { expect, test, typeofStream } from "playwright-xmtp";\n`;

test("every worker has its own proxy, whatever the order of the parameters", async () => {
  const body = (order: string): string => `test("${order}", async ({ ${order} }) => {
    await using fault = await chaos.cut(alice);
    await expect(alice.client.conversations.sync()).rejects.toThrow();
    await bob.client.conversations.sync();
  });\n`;
  const orders = ["chaos, alice, bob", "alice, bob, chaos", "alice, chaos, bob"];
  const run = await runInlineTest({ "a.spec.ts": head + orders.map(body).join("") });
  expect(run.errors).toEqual([]);
  expect(run.passed).toBe(orders.length);
});

test("chaos that comes too late says what to do; before the workers it is in time", async () => {
  const run = await runInlineTest({
    "late.spec.ts": `${head}
const late = test.extend<{ breaker: string }>({ breaker: async ({ chaos }, use) => use(String(chaos.faults.length)) });
late("late", async ({ alice, breaker }) => {});
late("in time", async ({ breaker, alice, chaos }) => { await using _cut = await chaos.cut(alice); });
test.describe("hooked", () => {
  test.beforeEach(async ({ chaos }) => { chaos.direct("bob"); });
  test("by a hook", async ({ alice, bob }) => { expect(alice.apiUrl).not.toBe(bob.apiUrl); });
});
`,
  });
  expect(run.passed).toBe(2);
  expect(run.errors.join("\n")).toContain(
    'The fixture "chaos" comes too late: alice connect without a proxy.',
  );
});

test("a test without chaos starts no Toxiproxy; the profile's faults are on from the start", async () => {
  const run = await runInlineTest({
    "profile.spec.ts": `${head}
test("plain", async ({ alice, _toxiproxyServer }: any) => { expect(_toxiproxyServer.used).toBe(false); });
test.describe("slow", () => {
  test.use({ chaosProfile: { latencyMs: 40, direct: ["bob"] } });
  test("all but bob", async ({ alice, bob, chaos }) => {
    expect(chaos.faults.map(({ verb, targets }) => verb + " " + targets.join())).toEqual(["latency alice"]);
    await alice.client.conversations.createDm(bob.inboxId);
  });
});
test.describe("odd", () => {
  test.use({ chaosProfile: { lag: 40 } as object });
  test("refused", async ({ alice }) => {});
});
`,
  });
  expect(run.errors.join("\n")).toContain('The option "chaosProfile" has no field lag');
  expect(run.passed).toBe(2);
});

test("faults left on are lifted before the workers close, and leftovers on the server fail the test", async () => {
  const run = await runInlineTest({
    "left.spec.ts": `${head}
test("left on", async ({ alice, bob, chaos }) => {
  await bob.worker.startStream(typeofStream.Message);
  await chaos.stall([alice, bob]);
});
test("behind its back", async ({ alice, chaos, _toxiproxyServer }: any) => {
  await chaos.cut(alice);
  const control = await _toxiproxyServer.control();
  await control.createProxy("stray", "127.0.0.1:1");
});
`,
  });
  const [report] = run.report ? [specsOf(run.report)] : [[]];
  expect(report.map(({ title, ok }) => [title, ok])).toEqual([
    ["left on", true],
    ["behind its back", false],
  ]);
  expect(run.errors.join("\n")).toContain("Toxiproxy still has proxies or toxics of this test (pwx-stray)");
});
