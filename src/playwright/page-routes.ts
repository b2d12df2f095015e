import type { BrowserContext, Page, Request, Route } from "@playwright/test";
import { toError } from "../errors.js";

/** A page, or a context: then all its pages, those it opens too, and its service workers. */
export type PageTarget = Page | BrowserContext;

/** Where a request goes instead; or nowhere, and for an `error` the test fails. */
export type Lead = { readonly to: URL } | { readonly error?: Error };

export interface PageRoutesOptions {
  readonly target: PageTarget;
  /** Requests that are led. An expression: a function would bring every request of the page to the test. */
  readonly addresses: RegExp;
  lead(from: URL): Lead;
}

/**
 * Leads requests of a page and of its workers elsewhere while they stream.
 *
 * A browser opens six connections to a host at most over HTTP/1.1, whatever its pages: each further page of a context
 * that is led to the loopback address gets a host name there, and so six connections, of its own.
 */
export class PageRoutes {
  readonly #options: PageRoutesOptions;
  readonly #pages = new Map<Page, number>();
  readonly #failures: Error[] = [];
  readonly #handle = (route: Route, request: Request): Promise<void> => this.#lead(route, request);
  readonly #handleServiceWorkers = (route: Route, request: Request): Promise<void> =>
    request.serviceWorker() ? this.#lead(route, request) : route.fallback();
  #closed = false;
  #contextClosed = false;

  constructor(options: PageRoutesOptions) {
    this.#options = options;
  }

  /** @param serviceWorkers whether requests of the service workers of a page's context go along. A context's always do */
  async open(serviceWorkers: boolean): Promise<void> {
    const { target, addresses } = this.#options;
    this.#context.once("close", () => (this.#contextClosed = true));
    await target.route(addresses, this.#handle);
    // A service worker has no page.
    if (serviceWorkers && isPage(target)) await this.#context.route(addresses, this.#handleServiceWorkers);
  }

  /** Removes the routes, where what they are on is still open. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { target, addresses } = this.#options;
    if (!this.#gone) await target.unroute(addresses, this.#handle);
    if (!this.#contextClosed) await this.#context.unroute(addresses, this.#handleServiceWorkers);
  }

  /** What went wrong since last asked. */
  takeFailures(): Error[] {
    return this.#failures.splice(0);
  }

  get #context(): BrowserContext {
    return contextOf(this.#options.target);
  }

  get #gone(): boolean {
    const { target } = this.#options;
    return this.#contextClosed || (isPage(target) && target.isClosed());
  }

  async #lead(route: Route, request: Request): Promise<void> {
    const from = new URL(request.url());
    const lead = this.#options.lead(from);
    try {
      if (!("to" in lead)) {
        if (lead.error) this.#failures.push(lead.error);
        await route.abort("connectionrefused");
        return;
      }
      const to = this.#ownHost(lead.to, request);
      // Playwright continues over the same protocol only. A redirect keeps method and body (307), and streams too.
      if (from.protocol === to.protocol) {
        await route.continue({ url: to.href });
        return;
      }
      await route.fulfill({
        status: 307,
        headers: { location: to.href, "access-control-allow-origin": "*" },
      });
    } catch (error) {
      // A page that closes takes its requests along.
      if (this.#closed || this.#gone || pageOf(request)?.isClosed() === true) return;
      this.#failures.push(toError(error));
    }
  }

  #ownHost(to: URL, request: Request): URL {
    const page = pageOf(request);
    if (!page || isPage(this.#options.target) || to.hostname !== "127.0.0.1") return to;
    const number = this.#pages.get(page) ?? this.#pages.size;
    this.#pages.set(page, number);
    // Chromium resolves names below localhost by itself; Firefox too. WebKit asks the system.
    if (number === 0 || this.#context.browser()?.browserType().name() !== "chromium") return to;
    const url = new URL(to);
    url.hostname = `page-${number + 1}.localhost`;
    return url;
  }
}

/** The context a page is in, or the context itself. */
export function contextOf(target: PageTarget): BrowserContext {
  return isPage(target) ? target.context() : target;
}

function isPage(target: PageTarget): target is Page {
  return "context" in target;
}

/** Whose request it is; undefined for a service worker's, and for one before its page is there. */
function pageOf(request: Request): Page | undefined {
  if (request.serviceWorker()) return undefined;
  try {
    return request.frame().page();
  } catch {
    return undefined;
  }
}
