import type { BrowserContext } from "@playwright/test";
import { XmtpTestError } from "../errors.js";
import { PageRoutes, contextOf } from "./page-routes.js";
import type { Lead, PageTarget } from "./page-routes.js";

/** Whose line a page goes over. */
interface Named {
  readonly name: string;
}

/** The pages of one test, or of a Playwright process, that are parties. */
export class ConnectedPages<Line extends Named> {
  readonly #addresses: RegExp;
  readonly #lead: (line: Line, from: URL) => Lead;
  readonly #names = new Map<PageTarget, string>();
  readonly #contexts = new Set<BrowserContext>();
  readonly #outer: ConnectedPages<Line> | undefined;

  /**
   * @param addresses what of a page's requests goes over its line, and `lead`: where to
   * @param outer pages that outlive these
   */
  constructor(addresses: RegExp, lead: (line: Line, from: URL) => Lead, outer?: ConnectedPages<Line>) {
    this.#addresses = addresses;
    this.#lead = lead;
    this.#outer = outer;
  }

  /** Takes the name down for the page. @throws XmtpTestError `INVALID_ARGUMENT` for what is not a page, `PARTY_CONFLICT` */
  claim(target: PageTarget, name: string, taken: ReadonlySet<string>): void {
    const given: unknown = target;
    if (typeof given !== "object" || given === null || !("route" in given) || !("unroute" in given)) {
      throw new XmtpTestError(
        "INVALID_ARGUMENT",
        `connectPage got ${given === null ? "null" : typeof given} instead of a page.`,
        'Give a page or a browser context, then a name: connectPage(page, "carol").',
      );
    }
    const known = this.#nameOf(target) ?? [...this.#names.values()].find((other) => other === name);
    if (known !== undefined) {
      throw new XmtpTestError(
        "PARTY_CONFLICT",
        known === name
          ? `A page is connected as "${name}" already.`
          : `The page is connected as "${known}" already.`,
        "Connect each page once, by a name that no other has; for several pages of one person, connect their context.",
      );
    }
    if (taken.has(name)) {
      throw new XmtpTestError(
        "PARTY_CONFLICT",
        `There is a party "${name}" already.`,
        "Give each worker, app, page and line a name that no other has while it lives.",
      );
    }
    this.#names.set(target, name);
  }

  /** Gives a claim back whose party could not be made. */
  release(target: PageTarget): void {
    this.#names.delete(target);
  }

  /** Leads the page's requests over the line, until `close`. */
  async connect(target: PageTarget, line: Line): Promise<PageRoutes> {
    const context = contextOf(target);
    const first = !this.#hasPartyOf(context);
    this.#contexts.add(context);
    const routes = new PageRoutes({
      target,
      addresses: this.#addresses,
      lead: (from) => this.#lead(line, from),
    });
    await routes.open(first);
    return routes;
  }

  /** As what a page is connected, here or in those that outlive these. */
  #nameOf(target: PageTarget): string | undefined {
    const outer = this.#outer ? this.#outer.#nameOf(target) : undefined;
    return this.#names.get(target) ?? outer;
  }

  #hasPartyOf(context: BrowserContext): boolean {
    return this.#contexts.has(context) || (this.#outer ? this.#outer.#hasPartyOf(context) : false);
  }
}
