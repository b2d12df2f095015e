import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { expect } from "playwright-xmtp";
import type { Worker } from "playwright-xmtp";
import { closesDatabase } from "../../support/sdk-differences.js";

/**
 * Bytes of the worker's database. Its connections are closed for that: the last one writes the write-ahead log
 * back and removes it. The SDK closes one that is in use only afterwards, so the file's going is waited for. A version that closes none has its log counted too.
 */
export async function storedBytes(worker: Worker): Promise<number> {
  await worker.goOffline();
  const folder = dirname(worker.dbPath);
  const log = `${basename(worker.dbPath)}-wal`;
  if (!closesDatabase) {
    const sizes = await Promise.all([worker.dbPath, join(folder, log)].map(async (file) => await stat(file)));
    await worker.goOnline();
    return sizes.reduce((sum, { size }) => sum + size, 0);
  }
  await expect
    .poll(() => readdir(folder), { message: "the write-ahead log is written back", timeout: 10_000 })
    .not.toContain(log);
  const { size } = await stat(worker.dbPath);
  await worker.goOnline();
  return size;
}
