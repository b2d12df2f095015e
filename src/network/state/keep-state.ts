import { XmtpTestError } from "../../errors.js";
import { fileError } from "../../threads/system-errors.js";
import { Journal } from "../store/journal.js";
import type { NodeStore } from "../store/node-store.js";
import { apply, observe } from "./changes.js";
import type { Change } from "./changes.js";
import { Lock } from "./lock.js";
import { checkRegularFile } from "./regular-file.js";
import { StateFile } from "./state-file.js";

/** A store's file, for whoever ends it. */
export interface KeptState {
  /** Flushes to the disk. */
  sync(): void;
  /** Gives the file back. */
  release(): void;
}

/**
 * Fills an empty store from a file, and keeps every change from now on in it.
 *
 * @param onTrouble told once when changes begin to be refused, and once when they are taken again
 * @throws XmtpTestError `BAD_STATE_FILE`, and the file stays as it is; `STATE_IN_USE` while another node has it;
 *   `NOT_A_FILE`, `FILE_ACCESS`; `STATE_NOT_STORED` where there is no room to begin
 */
export function keepState(
  store: NodeStore,
  file: string,
  onTrouble: (trouble: string) => void = () => undefined,
): KeptState {
  checkRegularFile(file, "state file");
  try {
    const lock = Lock.take(file);
    try {
      const state = StateFile.open<Change>(file, (change) => apply(store, change), {
        onTrouble: (error) => onTrouble(error?.message ?? `${file} takes changes again.`),
      });
      observe(store, new Journal<Change>((changes) => state.write(changes)));
      return {
        sync: () => state.sync(),
        release: () => {
          state.close();
          lock.free();
        },
      };
    } catch (error) {
      lock.free();
      throw error;
    }
  } catch (error) {
    throw error instanceof XmtpTestError ? error : fileError("state file", file, error, "BAD_STATE_FILE");
  }
}
