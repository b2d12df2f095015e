import { test } from "@playwright/test";
import { fuzz } from "../../self/node/fuzz/run.js";
import { expectUnharmed } from "../../self/node/fuzz/verdict.js";

const count = Number(process.env["XMTP_FUZZ_COUNT"] ?? 1_000_000);
/** Another one each run; print-out and annotation name it, XMTP_FUZZ_SEED repeats it. */
const seed = process.env["XMTP_FUZZ_SEED"] ?? String(Date.now());

test(`${count.toLocaleString("en")} random and mutated frames and bodies: no crash, no growth, others do not notice`, async () => {
  // Five minutes on two cores of their own; a busy machine takes longer.
  test.setTimeout(1_200_000);
  expectUnharmed(await fuzz({ count, seed }), seed);
});
