import { expect, test } from "@playwright/test";
import { environmentPlace } from "#src/environment.js";
import { startNode } from "#src/network/index.js";
import { compare } from "./differential/compare.js";
import type { Comparison } from "./differential/compare.js";
import { expectAlike } from "./differential/verdict.js";

/**
 * The same drawn calls to two nodes. One is embedded, the other is at XMTP_API_URL: a real one, for which this is; without
 * it another embedded one, which shows that no call's answer depends on the node's own ids and times.
 */

const count = Number(process.env["XMTP_DIFFERENTIAL_CALLS"] ?? 1_500);
const seed = process.env["XMTP_DIFFERENTIAL_SEED"];

test.describe.configure({ mode: "default", timeout: 180_000 + count * 20 });

test(`two nodes answer ${count.toLocaleString("en")} drawn calls alike`, async () => {
  await using embedded = await startNode();
  const other = environmentPlace().apiUrl;
  await using second = other === undefined ? await startNode() : undefined;
  const urls = [embedded.url, other ?? second?.url ?? ""] as const;
  expectAlike(await compare({ urls, count, seed: seed ?? test.info().title }));
});

/** Compares a node with one that differs from it on purpose. */
async function seeded(kinds: Parameters<typeof compare>[0]["kinds"], count: number): Promise<Comparison> {
  await using one = await startNode();
  await using two = await startNode();
  await two.failCalls("QueryGroupMessages", { code: "UNAVAILABLE", message: "seeded" });
  await two.failCalls("SendWelcomeMessages", { code: "INVALID_ARGUMENT", message: "in other words" });
  return await compare({ urls: [one.url, two.url], count, seed: "seeded", ...(kinds && { kinds }) });
}

const thrown = (judge: () => void): string => {
  try {
    judge();
  } catch (error) {
    return String(error);
  }
  throw new Error("nothing was found");
};

test("a status that differs is reported, with the call to repeat it", async () => {
  const comparison = await seeded(["valid"], 60);
  const text = thrown(() => expectAlike(comparison));
  expect(text).toMatch(/call \d+ \(valid: QueryGroupMessages\) differs in its status/);
  expect(text).toContain(`${comparison.urls[1]}: HTTP 200, status 14 "seeded"`);
  expect(text).toMatch(/\/xmtp\.mls\.api\.v1\.MlsApi\/QueryGroupMessages, body 00000000/);
});

test("texts that differ are reported, more than one in a hundred of those refused", async () => {
  const comparison = await seeded(["field"], 300);
  const texts = comparison.differences.filter((difference) => difference.in === "text");
  const onlyTexts = { ...comparison, differences: texts };
  const text = thrown(() => expectAlike(onlyTexts));
  expect(text).toMatch(/call \d+ \(field: SendWelcomeMessages [^)]*\) differs in its text/);
  expect(text).toContain('status 3 "in other words"');
  expectAlike({ ...onlyTexts, differences: texts.slice(0, 1) });
});

test("messages that differ are reported: what one node has not stored its queries lack", async () => {
  await using one = await startNode();
  await using two = await startNode();
  await two.failCalls("SendGroupMessages", { code: "UNAVAILABLE", message: "seeded" });
  const comparison = await compare({ urls: [one.url, two.url], count: 80, seed: "lossy", kinds: ["valid"] });
  const differences = comparison.differences.filter((difference) => difference.in === "messages");
  const text = thrown(() => expectAlike({ ...comparison, differences }));
  expect(text).toMatch(/call \d+ \(valid: QueryGroupMessages\) differs in its messages/);
  expect(text).toMatch(/"id":"id or time"/);
});
