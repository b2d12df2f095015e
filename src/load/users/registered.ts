import { setTimeout as delay } from "node:timers/promises";
import type { SdkClient } from "../../workers/sdk/types.js";

/** The part of every SDK version's client that asks who is there. */
interface Asking {
  canMessage(
    identifiers: readonly { identifier: string; identifierKind: 0 }[],
  ): Promise<Map<string, boolean>>;
}

/** Between two questions, ms: first and at most. A ramp of minutes must not become a storm of questions. */
const [first, most] = [200, 3_000];

/**
 * Waits until all these wallets have an inbox on the network, or the deadline (ms of `performance.now()`).
 *
 * @returns whether they have
 */
export async function whenRegistered(
  client: SdkClient,
  addresses: readonly string[],
  deadline: number,
): Promise<boolean> {
  const asking = client.client as unknown as Asking;
  let open = [...addresses];
  for (let wait = first; open.length > 0; wait = Math.min(most, wait * 1.5)) {
    const answers = await asking.canMessage(
      open.map((identifier) => ({ identifier, identifierKind: 0 as const })),
    );
    open = open.filter((address) => answers.get(address) !== true);
    if (open.length === 0) break;
    if (performance.now() + wait > deadline) return false;
    await delay(wait);
  }
  return true;
}
