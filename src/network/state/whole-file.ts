import { randomUUID } from "node:crypto";
import { readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { XmtpTestError } from "../../errors.js";
import { fileError } from "../../threads/system-errors.js";
import { checkRegularFile } from "./regular-file.js";

/** The file holds a test network's data: its owner alone reads it. */
const OWNER_ONLY = 0o600;

/**
 * Writes a file whole, or leaves what was there: a full disk costs the new one only.
 *
 * @param what "snapshot", for the error
 * @throws XmtpTestError `NOT_A_FILE`, `FILE_ACCESS`
 */
export async function writeWhole(file: string, what: string, bytes: Buffer): Promise<void> {
  checkRegularFile(file, what);
  try {
    const target = await realpath(file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return file;
      throw error;
    });
    const draft = `${target}.${randomUUID()}.new`;
    try {
      await writeFile(draft, bytes, { flag: "wx", mode: OWNER_ONLY });
      await rename(draft, target);
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    throw error instanceof XmtpTestError ? error : fileError(what, file, error);
  }
}

/**
 * @param code of the error, whatever is wrong with the path
 * @throws XmtpTestError
 */
export async function readWhole(file: string, what: string, code: string): Promise<Buffer> {
  checkRegularFile(file, what, code);
  try {
    return await readFile(file);
  } catch (error) {
    throw fileError(what, file, error, code);
  }
}
