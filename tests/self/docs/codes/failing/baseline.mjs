// A baseline that is not there. The test fails with the code that is its title.
import { test } from "playwright-xmtp";

test.use({ baseline: "no-such-baseline.json" });
test("INVALID_BASELINE", ({ measure }) => void measure.record("send", 1));
