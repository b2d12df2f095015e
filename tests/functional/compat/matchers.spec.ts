import { expect, test } from "playwright-xmtp";
import { expect as suitesOwn } from "playwright-xmtp/compat";
import type { LedgerOracle } from "playwright-xmtp";

// Playwright keeps one list of matchers for a process: those of the compat entry must not replace the package's.
const always: LedgerOracle = (events) => ({ status: "pass", oracle: "always", checked: events.length });
const never: LedgerOracle = () => ({ status: "fail", oracle: "never", summary: "seeded", offenders: [] });

test("toSatisfy judges workers by oracles, also where the compat entry is loaded", async ({ alice, bob }) => {
  for (const judge of [expect, suitesOwn]) {
    await judge([alice, bob]).toSatisfy(always);
    await judge([alice, bob]).not.toSatisfy(never, { timeout: 50 });
    const failing = async (): Promise<void> => {
      await judge([alice, bob]).toSatisfy(never, { timeout: 50 });
    };
    await expect(failing).rejects.toThrow(/never: 0 violations/);
  }
});

test("toSatisfy takes vitest's predicates for everything else", () => {
  const even = (value: number): boolean => value % 2 === 0;
  suitesOwn(4).toSatisfy(even);
  suitesOwn(3).not.toSatisfy(even);
  suitesOwn([]).toSatisfy((list: unknown[]) => list.length === 0);
  expect(() => suitesOwn(3).toSatisfy(even)).toThrow("Expected 3 to satisfy the predicate.");
  expect(() => suitesOwn(3).toSatisfy(even, "to be even")).toThrow("Expected 3 to be even.");
});
