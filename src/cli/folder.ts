import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { XmtpTestError, errorText } from "../errors.js";

/** That a file can be written where an option says. @throws XmtpTestError `INVALID_OPTION` */
export async function checkFolderOf(option: string, file: string): Promise<void> {
  const folder = dirname(resolve(file));
  const there = await stat(folder).then(
    (one) => one.isDirectory(),
    () => false,
  );
  if (there) return;
  throw new XmtpTestError(
    "INVALID_OPTION",
    `--${option} is "${file}", and there is no folder ${folder}.`,
    "Make the folder first, or name another file.",
  );
}

/**
 * Makes a folder with those above it, one by one: Node's own recursive mkdir never returns below /proc.
 *
 * @throws XmtpTestError `INVALID_OPTION` where that is impossible
 */
export async function makeFolder(option: string, folder: string): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(folder); !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  try {
    for (const one of missing) await mkdir(one);
    if (!(await stat(folder)).isDirectory()) throw new Error("it is a file");
  } catch (error) {
    throw new XmtpTestError(
      "INVALID_OPTION",
      `--${option} is "${folder}", which cannot be made (${errorText(error)}).`,
      "Name a folder that can be written.",
    );
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
