import { stat } from "node:fs/promises";

/** Sizes of a database's files, in bytes. */
export interface FileSizes {
  readonly database: number;
  readonly writeAheadLog: number;
  readonly sharedMemory: number;
  readonly total: number;
}

/** Reads them; a file that is not there has 0 bytes. */
export async function fileSizes(dbPath: string): Promise<FileSizes> {
  const [database = 0, writeAheadLog = 0, sharedMemory = 0] = await Promise.all(
    ["", "-wal", "-shm"].map((end) => sizeOf(dbPath + end)),
  );
  return { database, writeAheadLog, sharedMemory, total: database + writeAheadLog + sharedMemory };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
