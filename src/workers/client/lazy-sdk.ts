import type { SdkModule, WorkerSigner } from "../sdk/types.js";

/**
 * The SDK room, imported when the first worker is made: Playwright loads every test file in its runner too,
 * just to list the tests, and must not pay for native code and cryptography there.
 */
export async function loadSdk(version?: string): Promise<SdkModule> {
  return await (await import("../sdk/index.js")).loadSdk(version);
}

/**
 * Begins to load the SDK while something else is waited for. Whoever needs it asks again, and is told what is wrong with
 * it: a test without workers does without. Resolves when nothing of it is under way any more.
 */
export async function loadSdkAhead(): Promise<void> {
  await Promise.allSettled([loadSdk()]);
}

/** A fresh wallet. */
export async function newSigner(): Promise<WorkerSigner> {
  return (await import("../sdk/index.js")).newSigner();
}
