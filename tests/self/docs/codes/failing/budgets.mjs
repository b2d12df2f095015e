// Each test fails with the code that is its title.
import { test } from "playwright-xmtp";

test.use({ budgets: { send: { "*": { p95: 1 } } } });
test("BUDGET_CROSSED", ({ measure }) => void measure.record("send", 5_000));
