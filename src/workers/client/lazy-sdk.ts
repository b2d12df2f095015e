import type { SdkModule, WorkerSigner } from "../sdk/types.js";

/**
 * The SDK room, imported when the first worker is made: Playwright loads every test file in its runner too,
 * just to list the tests, and must not pay for native code and cryptography there.
 */
export async function loadSdk(version?: string): Promise<SdkModule> {
  return await (await import("../sdk/index.js")).loadSdk(version);
}

/** A fresh wallet. */
export async function newSigner(): Promise<WorkerSigner> {
  return (await import("../sdk/index.js")).newSigner();
}
