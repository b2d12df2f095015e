import { readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { expect } from "playwright-xmtp";
import type { Worker } from "playwright-xmtp";

/**
 * Bytes of the worker's database. Its connections are closed for that: the last one writes the write-ahead log
 * back and removes it. The SDK closes one that is in use only afterwards, so the file's going is waited for.
 */
export async function storedBytes(worker: Worker): Promise<number> {
  await worker.goOffline();
  const folder = dirname(worker.dbPath);
  const log = `${basename(worker.dbPath)}-wal`;
  await expect
    .poll(() => readdir(folder), { message: "the write-ahead log is written back", timeout: 10_000 })
    .not.toContain(log);
  const { size } = await stat(worker.dbPath);
  await worker.goOnline();
  return size;
}
