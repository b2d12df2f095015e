// Each test fails with the code that is its title.
import { test } from "playwright-xmtp";

test("INVALID_SAMPLE", ({ measure }) => void measure.record("send", -1));
