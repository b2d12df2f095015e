import type { FileLayer } from "#src/network/state/file-layer.js";

/** The process is gone: what it was about to do is not done, and nobody has its answer. */
class Killed extends Error {}

/** What becomes of one call. `bytes` of a write reach the disk first, as many as it has. */
export type Fault =
  | { readonly kind: "short"; readonly bytes: number }
  | { readonly kind: "ENOSPC" | "EIO" | "EDQUOT"; readonly bytes?: undefined }
  | { readonly kind: "kill"; readonly bytes: number };

export interface Plan {
  readonly write: (call: number) => Fault | undefined;
  readonly truncate: (call: number) => Fault | undefined;
}

const noFaults: Plan = { write: () => undefined, truncate: () => undefined };

/** One file on a disk that is full, slow to take bytes, broken, or whose process is killed within a call. */
export class FaultyDisk implements FileLayer {
  content = Buffer.alloc(0);
  /** How many bytes the file may have; beyond them the disk is full. */
  room = Infinity;
  plan: Plan = noFaults;
  open_ = 0;
  /** Says that a write was whole when it was short: what a node sees that does not look. */
  lies = false;
  /** Killed, and not opened again. */
  dead = false;
  #writes = 0;
  #truncates = 0;

  open(): number {
    this.dead = false;
    this.open_++;
    return 3;
  }

  read(): Buffer {
    return Buffer.from(this.content);
  }

  write(_fd: number, bytes: Buffer): number {
    this.#live();
    const fault = this.plan.write(this.#writes++);
    if (fault?.kind === "EIO" || fault?.kind === "ENOSPC" || fault?.kind === "EDQUOT")
      throw errno(fault.kind);
    const asked = fault === undefined ? bytes.length : Math.min(fault.bytes ?? 0, bytes.length);
    const taken = Math.max(0, Math.min(asked, this.room - this.content.length));
    this.content = Buffer.concat([this.content, bytes.subarray(0, taken)]);
    if (fault?.kind === "kill") this.#kill();
    if (this.lies) return bytes.length;
    // As write(2): short if something fits, an error if nothing does.
    if (taken === 0 && bytes.length > 0) throw errno("ENOSPC");
    return taken;
  }

  truncate(_fd: number, length: number): void {
    this.#live();
    const fault = this.plan.truncate(this.#truncates++);
    if (fault?.kind === "EIO" || fault?.kind === "ENOSPC" || fault?.kind === "EDQUOT") throw errno("EIO");
    if (fault?.kind === "kill" && fault.bytes === 0) this.#kill();
    this.content = this.content.subarray(0, length);
    if (fault?.kind === "kill") this.#kill();
  }

  sync(): void {
    // Whatever a process has written outlives its kill.
  }

  close(): void {
    this.open_--;
  }

  /** A killed process does nothing more. */
  #live(): void {
    if (this.dead) throw new Killed();
  }

  #kill(): never {
    this.dead = true;
    throw new Killed();
  }
}

function errno(code: string): Error {
  return Object.assign(new Error(`${code}: the disk says so, write`), { code });
}
