import { defineConfig } from "@playwright/test";
import type { XmtpOptions, XmtpWorkerOptions } from "playwright-xmtp";
import { xmtpReporter } from "playwright-xmtp/reporter";

/** A user's whole config: reports for people, a baseline-free run page, faults' pictures of failed tests only. */
export default defineConfig<XmtpOptions, XmtpWorkerOptions>({
  testDir: ".",
  fullyParallel: true,
  forbidOnly: Boolean(process.env["CI"]),
  reporter: process.env["CI"]
    ? [["blob"], ["list"]]
    : [["list"], ["html", { open: "never" }], xmtpReporter({ outputFolder: "xmtp-report" })],
  use: {
    // The embedded network is the default. XMTP_ENV=local or XMTP_API_URL=http://… point at a real node.
    workerDefaults: { retryDelayMs: 200 },
    xmtpReport: "retain-on-failure",
  },
});
