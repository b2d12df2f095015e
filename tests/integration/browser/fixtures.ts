import type { BrowserContext, Page } from "@playwright/test";
import { expect, test as base } from "playwright-xmtp";
import { serveApp } from "../../../examples/serve-web-app.js";
import type { WebApp } from "../../../examples/serve-web-app.js";
import { aliasesOf } from "./sdks.js";

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
export type OpenApp = (
  where: BrowserContext | Page,
  options?: AppOptions | null,
  sdkVersion?: string,
) => Promise<AppPage>;

/** The app's URL, built on a version of browser-sdk once per process. Default: the one of this repository. */
type Serve = (sdkVersion?: string) => Promise<string>;

export const test = base.extend<{ openApp: OpenApp; app: string }, { serve: Serve }>({
  serve: [
    async ({}, use, { project, workerIndex }) => {
      const served = new Map<string, Promise<WebApp>>();
      const start = (version: string): Promise<WebApp> =>
        serveApp(`${project.outputDir}/web-app-${workerIndex}-${version}`, aliasesOf(version));
      await use(async (version = "installed") => {
        const app = served.get(version) ?? start(version);
        served.set(version, app);
        return (await app).url;
      });
      for (const app of served.values()) await (await app)[Symbol.asyncDispose]();
    },
    { scope: "worker" },
  ],
  app: async ({ serve }, use) => use(await serve()),
  openApp: async ({ serve, network }, use) => {
    const own = { env: "local", apiUrl: network.url, historySyncUrl: network.historyUrl };
    await use(async (where, options = own, sdkVersion = "installed") => {
      const page = "newPage" in where ? await where.newPage() : where;
      if (options)
        await page.addInitScript((given) => Object.assign(globalThis, { xmtpOptions: given }), options);
      await page.goto(await serve(sdkVersion));
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
