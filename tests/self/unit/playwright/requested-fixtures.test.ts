import { expect, test } from "vitest";
import { testRequests } from "../../../../src/playwright/requested-fixtures.js";

/** The fixtures among these that a test function names, by its text. */
function requested(text: string): string[] {
  const fn = { toString: () => text } as () => void;
  return ["chaos", "alice", "bob"].filter((fixture) => testRequests({ fn }, fixture));
}

test.each<[string, string[]]>([
  ["async ({ alice, chaos }) => {}", ["chaos", "alice"]],
  ["async ({\n  alice,\n  chaos,\n}, testInfo) => {}", ["chaos", "alice"]],
  ["async function ({ chaos: faults }) {}", ["chaos"]],
  ["async ({ visitor: { line, page }, alice, chaos }) => {}", ["chaos", "alice"]],
  ["async ({ visitor: { chaos, deep: { alice: [bob] } }, bob }) => {}", ["bob"]],
  ["async ({ all: [chaos, alice] }) => { f({ bob }); }", []],
  ["async ({}) => { f({ chaos }); }", []],
  ["async ({ alice, // her, and } others\n  /* { */ chaos, /* bob */ }) => {}", ["chaos", "alice"]],
  ["async (/* { bob } */ { alice /* : x */, chaos }) => {}", ["chaos", "alice"]],
  ['async ({ url = "http://x", chaos = "}", alice }) => {}', ["chaos", "alice"]],
  ["async () => { f({ chaos, alice }); }", []],
])("%s names %j", (text, names) => {
  expect(requested(text)).toEqual(names);
});
