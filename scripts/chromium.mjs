/** The Chromium that tests with a page use here: `CHROMIUM_PATH`, else Debian's, else Playwright's own. */
import { existsSync } from "node:fs";
import { env } from "node:process";
import { chromium } from "@playwright/test";

const found = ["/usr/bin/chromium", chromium.executablePath()].find((file) => existsSync(file));

export const browser = env["CHROMIUM_PATH"] ?? found ?? "/usr/bin/chromium";
/** Why there is none, or undefined. */
export const missing = existsSync(browser) ? undefined : `no Chromium at ${browser}; set CHROMIUM_PATH`;
