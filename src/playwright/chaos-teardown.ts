import type { Disposers } from "./disposers.js";

interface Faults {
  end(): Promise<void>;
}

interface Proxies {
  removeAll(): Promise<void>;
  checkLeaks(): Promise<void>;
}

/** Registers the end of a test's faults: before its parties end, which would be slow under them. */
export function registerFaultTeardown(disposers: Disposers, faults: Faults): void {
  disposers.add("faults", "the test's faults", () => faults.end());
}

/** Registers the end of a test's lines: after the parties have ended, then a count of what is left. */
export function registerLineTeardown(disposers: Disposers, proxies: Proxies): void {
  disposers.add("proxies", "the parties' proxies", () => proxies.removeAll());
  disposers.add("checks", "the check for leaked proxies", () => proxies.checkLeaks());
}
