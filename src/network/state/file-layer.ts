import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";

/** What a state file asks of the system; a test puts a faulty one in its place. */
export interface FileLayer {
  /** Opens for reading and appending; a new file is its owner's alone. */
  open(file: string): number;
  read(fd: number): Buffer;
  /** @returns how many bytes were written: not always all */
  write(fd: number, bytes: Buffer): number;
  truncate(fd: number, length: number): void;
  sync(fd: number): void;
  close(fd: number): void;
}

const OWNER_ONLY = 0o600;

export const systemFiles: FileLayer = {
  open(file) {
    const fd = openSync(file, "a+", OWNER_ONLY);
    // Made by an older version, or by `touch`. Somebody else's file cannot be closed to others by us.
    if (fstatSync(fd).uid === process.geteuid?.()) fchmodSync(fd, OWNER_ONLY);
    return fd;
  },
  read: (fd) => readFileSync(fd),
  write: (fd, bytes) => writeSync(fd, bytes),
  truncate: (fd, length) => ftruncateSync(fd, length),
  sync: (fd) => fsyncSync(fd),
  close: (fd) => closeSync(fd),
};
