import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import { XmtpTestError, errorText } from "../../errors.js";
import { freeLock, takeLock } from "./lock.js";

const HEADER = Buffer.from("playwright-xmtp node state 1\n");
/** Length of a record, the same with all bits turned (so that a damaged one is told from a cut one), its CRC-32. */
const RECORD_HEAD = 12;

/**
 * A file of everything that changed, in order: appended before the change is answered, one write for each step.
 *
 * What was answered therefore survives the end of the process, a kill -9 included; not a power failure, because the
 * file is only flushed to the disk when the node stops. A record cut short by the end is dropped: nobody had its answer.
 */
export class StateFile<C> {
  readonly #file: string;
  readonly #fd: number;
  #pending: C[] = [];

  private constructor(file: string, fd: number) {
    this.#file = file;
    this.#fd = fd;
  }

  /**
   * Reads the file, or starts a new one.
   *
   * @param take called for each change it holds, in order
   * @throws XmtpTestError `BAD_STATE_FILE`, and the file stays as it is; `STATE_IN_USE` while another node has it
   */
  static open<C>(file: string, take: (change: C) => void): StateFile<C> {
    if (!existsSync(dirname(file))) {
      throw new XmtpTestError(
        "BAD_STATE_FILE",
        `${file} cannot be made: there is no such folder.`,
        "Make the folder first, or name another file.",
      );
    }
    takeLock(file);
    try {
      const known = existsSync(file);
      const end = known ? read(file, take) : 0;
      const fd = openSync(file, known ? "r+" : "wx+");
      if (known) ftruncateSync(fd, end);
      else writeSync(fd, HEADER);
      closeSync(fd);
      return new StateFile(file, openSync(file, "a"));
    } catch (error) {
      freeLock(file);
      throw error;
    }
  }

  /** Keeps a change; all of one step of the program go into one record, before anything is answered. */
  add(change: C): void {
    if (this.#pending.length === 0) queueMicrotask(() => this.#write());
    this.#pending.push(change);
  }

  /** Flushes to the disk. */
  sync(): void {
    fsyncSync(this.#fd);
  }

  /** Gives the file back. */
  close(): void {
    closeSync(this.#fd);
    freeLock(this.#file);
  }

  #write(): void {
    const body = serialize(this.#pending);
    this.#pending = [];
    const record = Buffer.alloc(RECORD_HEAD + body.length);
    record.writeUInt32LE(body.length, 0);
    record.writeUInt32LE(~body.length >>> 0, 4);
    record.writeUInt32LE(crc32(body), 8);
    record.set(body, RECORD_HEAD);
    writeSync(this.#fd, record);
  }
}

/** @returns where the last whole record ends */
function read(file: string, take: (change: never) => void): number {
  const bytes = readFileSync(file);
  if (!bytes.subarray(0, HEADER.length).equals(HEADER)) throw bad(file, "it does not begin as one");
  let at = HEADER.length;
  while (bytes.length - at >= RECORD_HEAD) {
    const length = bytes.readUInt32LE(at);
    if (~length >>> 0 !== bytes.readUInt32LE(at + 4)) throw bad(file, `the record at byte ${at} is damaged`);
    const end = at + RECORD_HEAD + length;
    if (end > bytes.length) break;
    const body = bytes.subarray(at + RECORD_HEAD, end);
    if (crc32(body) !== bytes.readUInt32LE(at + 8)) throw bad(file, `the record at byte ${at} is damaged`);
    try {
      for (const change of deserialize(body) as never[]) take(change);
    } catch (error) {
      throw bad(file, `the record at byte ${at} cannot be read: ${errorText(error)}`, error);
    }
    at = end;
  }
  return at;
}

function bad(file: string, what: string, cause?: unknown): XmtpTestError {
  return new XmtpTestError(
    "BAD_STATE_FILE",
    `${file} is no whole state of a node (${what}).`,
    "It was left as it is: move it away to start with an empty node.",
    { cause },
  );
}
