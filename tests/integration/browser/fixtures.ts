import type { BrowserContext, Page } from "@playwright/test";
import { expect, test as base } from "playwright-xmtp";
import { serveApp } from "../../../examples/serve-web-app.js";

/** The example's web app, open in a page. */
export interface AppPage {
  readonly page: Page;
  readonly inboxId: string;
  /** Texts of others, in the order the page shows them. */
  readonly heard: () => Promise<string[]>;
  /** Says something in the page's latest conversation. */
  readonly say: (text: string) => Promise<void>;
}

/** Which network the app is told to use; nothing: its own default, the public production network. */
type AppOptions = { readonly env: string } & Record<string, unknown>;

/** Opens the app in a page, or a new one of a context; resolves once its streams are live. Default: the test's network. */
export type OpenApp = (where: BrowserContext | Page, options?: AppOptions | null) => Promise<AppPage>;

export const test = base.extend<{ openApp: OpenApp }, { app: string }>({
  app: [
    async ({}, use, workerInfo) => {
      await using app = await serveApp(`${workerInfo.project.outputDir}/web-app-${workerInfo.workerIndex}`);
      await use(app.url);
    },
    { scope: "worker" },
  ],
  openApp: async ({ app, network }, use) => {
    const own = { env: "local", apiUrl: network.url, historySyncUrl: network.historyUrl };
    await use(async (where, options = own) => {
      const page = "newPage" in where ? await where.newPage() : where;
      if (options)
        await page.addInitScript((given) => Object.assign(globalThis, { xmtpOptions: given }), options);
      await page.goto(app);
      const inbox = page.getByLabel("inbox");
      await expect(inbox).toHaveText(/^[0-9a-f]{64}$/, { timeout: 30_000 });
      return {
        page,
        inboxId: await inbox.innerText(),
        heard: () => page.getByLabel("messages").getByRole("listitem").allInnerTexts(),
        say: async (text) => {
          await page.getByLabel("message", { exact: true }).fill(text);
          await page.getByRole("button", { name: "Send" }).click();
          // The app empties its input once the message is sent.
          await expect(page.getByLabel("message", { exact: true })).toHaveValue("", { timeout: 15_000 });
        },
      };
    });
  },
});
