import type { Disposers } from "./disposers.js";

interface Faults {
  liftAll(): Promise<void>;
}

interface Proxies {
  removeAll(): Promise<void>;
  checkLeaks(): Promise<void>;
}

/** Registers the end of a test's chaos: faults first, proxies after the workers, then a count of what is left. */
export function registerChaosTeardown(disposers: Disposers, faults: Faults, proxies: Proxies): void {
  disposers.add("faults", "the faults on workers", () => faults.liftAll());
  disposers.add("proxies", "the workers' proxies", () => proxies.removeAll());
  disposers.add("checks", "the check for leaked proxies", () => proxies.checkLeaks());
}
