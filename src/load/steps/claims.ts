import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";

/**
 * Gives each virtual user a number of its own. Artillery spreads arrivals over threads that do not know each other;
 * they share a folder, where a number belongs to whoever makes its file.
 */
export class Claims {
  readonly #folder: string;
  readonly #free: number[];

  /** @param folder the same for all threads, and for nobody else */
  constructor(folder: string, users: readonly number[]) {
    this.#folder = folder;
    this.#free = [...users].reverse();
    mkdirSync(folder, { recursive: true });
  }

  /** @returns undefined when all numbers are taken */
  take(): number | undefined {
    for (let user = this.#free.pop(); user !== undefined; user = this.#free.pop())
      if (this.#make(user)) return user;
    return undefined;
  }

  #make(user: number): boolean {
    try {
      closeSync(openSync(join(this.#folder, `user-${user}`), "wx"));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  }
}
