import type { TestLedger } from "../ledger/ledger.js";
import { verdictLines } from "../oracles/index.js";
import type { Verification } from "../oracles/index.js";

/**
 * The same verification, which knows whether anybody has read a part of it. The test's ledger asks when the test ends:
 * a verdict that nobody looked at is told then, as it proved nothing.
 */
export function toldUnlessRead(verification: Verification, ledger: TestLedger): Verification {
  let read = false;
  const watched = {};
  for (const [key, value] of Object.entries(verification))
    Object.defineProperty(watched, key, {
      enumerable: true,
      get: () => {
        read = true;
        return value as unknown;
      },
    });
  ledger.atEnd(() => (read ? undefined : neverAsserted(verification)));
  return watched as Verification;
}

function neverAsserted({ verdict }: Verification): string {
  const [line = ""] = verdictLines(verdict);
  return `${line}. Nothing asserted this: write expect(await verify…Stream(…)).toHold().`;
}
