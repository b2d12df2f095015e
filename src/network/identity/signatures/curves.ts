import type * as Erc191 from "./erc191.js";
import type * as InstallationSignature from "./installation-signature.js";

/**
 * Loads the curves. They cost a thread tens of milliseconds, so nothing loads them before the first signature;
 * a node may call this once it listens, to spare the first registration that time.
 */
export async function loadCurves(): Promise<{
  erc191: typeof Erc191;
  installation: typeof InstallationSignature;
}> {
  const [erc191, installation] = await Promise.all([
    import("./erc191.js"),
    import("./installation-signature.js"),
  ]);
  return { erc191, installation };
}
