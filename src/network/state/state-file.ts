import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import { XmtpTestError, errorText } from "../../errors.js";
import { NotStoredError } from "../store/not-stored.js";
import { systemFiles } from "./file-layer.js";
import type { FileLayer } from "./file-layer.js";

const HEADER = Buffer.from("playwright-xmtp node state 1\n");
/** Length of a record, the same with all bits turned (so that a damaged one is told from a cut one), its CRC-32. */
const RECORD_HEAD = 12;

export interface StateFileOptions {
  /** Told when the file begins to refuse changes, and (undefined) when it takes them again: once each. */
  readonly onTrouble?: (error: NotStoredError | undefined) => void;
  readonly files?: FileLayer;
}

/**
 * A file of everything that changed, in order: each step is one record, appended before the step is answered.
 *
 * What was answered therefore survives the end of the process, a kill -9 included; not a power failure, because the
 * file is only flushed to the disk when the node stops. A record cut short by the end is dropped: nobody had its answer.
 * A step that the disk does not take whole is refused, and the file ends with the last whole record.
 */
export class StateFile<C> {
  readonly #file: string;
  readonly #files: FileLayer;
  readonly #fd: number;
  readonly #onTrouble: (error: NotStoredError | undefined) => void;
  /** Where the last whole record ends. */
  #end: number;
  /** Whether something stands behind that end. */
  #torn = false;
  /** The largest record that was refused since all was well. */
  #refusedBytes = 0;

  private constructor(file: string, fd: number, end: number, options: Required<StateFileOptions>) {
    this.#file = file;
    this.#fd = fd;
    this.#end = end;
    this.#files = options.files;
    this.#onTrouble = options.onTrouble;
  }

  /**
   * Reads the file, or starts a new one.
   *
   * @param take called for each change it holds, in order
   * @throws XmtpTestError `BAD_STATE_FILE`, and the file stays as it is; `STATE_NOT_STORED` where a new one has no room
   */
  static open<C>(
    file: string,
    take: (change: C) => void,
    { onTrouble = () => undefined, files = systemFiles }: StateFileOptions = {},
  ): StateFile<C> {
    const fd = files.open(file);
    try {
      const bytes = files.read(fd);
      const state = new StateFile<C>(file, fd, read(file, bytes, take), { onTrouble, files });
      state.#torn = bytes.length > state.#end;
      state.#begin();
      return state;
    } catch (error) {
      files.close(fd);
      throw error;
    }
  }

  #begin(): void {
    try {
      if (this.#end === 0) this.#append(HEADER);
      else this.#mend();
    } catch (error) {
      throw this.#refused(error);
    }
  }

  /**
   * Keeps the changes of a step.
   *
   * @throws NotStoredError when they cannot be kept; then none is in the file
   */
  write(changes: readonly C[]): void {
    let size = 0;
    try {
      const record = recordOf(changes);
      size = record.length;
      this.#append(record);
    } catch (error) {
      const refused = this.#refused(error);
      if (this.#refusedBytes === 0) this.#onTrouble(refused);
      this.#refusedBytes = Math.max(this.#refusedBytes, size, 1);
      throw refused;
    }
    // A full disk still takes small ones now and then: it is well again when it takes what it refused.
    if (this.#refusedBytes === 0 || size < this.#refusedBytes) return;
    this.#refusedBytes = 0;
    this.#onTrouble(undefined);
  }

  /** Flushes to the disk. */
  sync(): void {
    this.#files.sync(this.#fd);
  }

  /** Gives the file back. */
  close(): void {
    this.#files.close(this.#fd);
  }

  #append(bytes: Buffer): void {
    this.#mend();
    for (let at = 0; at < bytes.length;) {
      const written = this.#files.write(this.#fd, bytes.subarray(at));
      if (written === 0) throw new Error("the disk takes no bytes");
      this.#torn = true;
      at += written;
    }
    this.#torn = false;
    this.#end += bytes.length;
  }

  /** Cuts off what stands behind the last whole record. */
  #mend(): void {
    if (!this.#torn) return;
    this.#files.truncate(this.#fd, this.#end);
    this.#torn = false;
  }

  #refused(cause: unknown): NotStoredError {
    try {
      this.#mend();
    } catch {
      // The next change tries it again before it is written; a start drops the rest of a record anyway.
    }
    return new NotStoredError(this.#file, errorText(cause), { cause });
  }
}

function recordOf(changes: readonly unknown[]): Buffer {
  const body = serialize(changes);
  const record = Buffer.allocUnsafe(RECORD_HEAD + body.length);
  record.writeUInt32LE(body.length, 0);
  record.writeUInt32LE(~body.length >>> 0, 4);
  record.writeUInt32LE(crc32(body), 8);
  record.set(body, RECORD_HEAD);
  return record;
}

/** @returns where the last whole record ends; 0 for a file that was cut within its header, which holds nothing */
function read(file: string, bytes: Buffer, take: (change: never) => void): number {
  const head = bytes.subarray(0, HEADER.length);
  if (!HEADER.subarray(0, head.length).equals(head)) throw bad(file, "it does not begin as one");
  if (head.length < HEADER.length) return 0;
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
    `${file} is not the complete state of a node (${what}).`,
    "It was left as it is: move it away to start with an empty node.",
    { cause },
  );
}
