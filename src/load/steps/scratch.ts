import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Shard } from "../population/shard.js";

/** Where the threads of one shard keep their users' databases; removed with the Artillery process that ran `prepare`. */
export function scratchFolder(run: string, { current, total }: Shard): string {
  return join(tmpdir(), `playwright-xmtp-load-${run}-${current}-of-${total}`);
}
