import type { EmbeddedToxiproxy, ToxiproxyControl } from "../../toxiproxy/index.js";

/** The Toxiproxy server of a Playwright process; started, or looked for, when the first test needs it. */
export class ToxiproxyServer {
  readonly #url: string;
  #control: Promise<ToxiproxyControl> | undefined;
  #embedded: EmbeddedToxiproxy | undefined;

  /** @param url control URL of a real server; "": an embedded one */
  constructor(url: string) {
    this.#url = url;
  }

  /** Whether a test has needed it. */
  get used(): boolean {
    return this.#control !== undefined;
  }

  /** This process's hand on the server: the same each time. @throws XmtpTestError `TOXIPROXY_UNREACHABLE` … */
  control(): Promise<ToxiproxyControl> {
    return (this.#control ??= this.#open());
  }

  /** Ends the embedded server, where there is one. */
  async close(): Promise<void> {
    await this.#embedded?.close();
  }

  async #open(): Promise<ToxiproxyControl> {
    // Imported now: most tests have no faults, and need not load a Toxiproxy client.
    const { connectToxiproxy, startToxiproxy } = await import("../../toxiproxy/index.js");
    if (this.#url === "") {
      this.#embedded = await startToxiproxy();
      return this.#embedded.control();
    }
    const remote = await connectToxiproxy(this.#url);
    return remote.control();
  }
}
