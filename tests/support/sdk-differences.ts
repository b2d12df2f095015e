import * as sdk from "@xmtp/node-sdk";
import type { Identifier, XmtpEnv } from "@xmtp/node-sdk";
import type { Worker } from "playwright-xmtp";

/**
 * What the versions of node-sdk truly do otherwise, each with its reason: the suites pass with every version as the
 * project's own, and ask here instead of skipping. The exports decide, not a version number, where they tell.
 */

/**
 * Where the SDK's static helpers find a worker's node. Up to 5.5 by the name of an environment; from 6.0 on by the
 * connection that the client has ("Use `createBackend()` instead", says 6.0 of its table of URLs). It is typed as the
 * name, since the repository develops on 5.5, and every static takes either.
 */
export function placeOf(worker: Worker): XmtpEnv {
  // Typed by hand: the versions name the two fields each in another place.
  const { options } = worker.client as unknown as { options?: { env?: XmtpEnv; backend?: object } };
  const place = options?.env ?? options?.backend;
  if (place === undefined)
    throw new Error(`${worker.name}'s client has neither an environment nor a backend`);
  return place as XmtpEnv;
}

/** The same look-up: from 6.0 on its first argument is the connection, before it was the identifier. */
export async function inboxIdFor(identifier: Identifier, place: XmtpEnv): Promise<string | null> {
  const ask = sdk.getInboxIdForIdentifier as (...args: unknown[]) => Promise<string | null>;
  return await ("createBackend" in sdk ? ask(place, identifier) : ask(identifier, place));
}

/**
 * How a send is told to wait for `publishMessages`: a flag up to 6.0, an option among others from 6.1 on, where a flag
 * is read as an object without that option, and the message goes out at once.
 */
export function optimistic(worker: Worker): boolean {
  // New in 6.1 as well, and what tells it from outside.
  return "close" in worker.client ? ({ optimistic: true } as unknown as boolean) : true;
}

/** The gateway's streams: `SubscribeEnvelopes` up to 6.0, `SubscribeTopics` from 6.1 on. */
export const gatewayStreams = ["SubscribeEnvelopes", "SubscribeTopics"] as const;

/**
 * Makes a new installation ask its siblings for what they hold, where the version does not do so by itself.
 *
 * Up to 5.5 a new installation asks when it is made. From 6.0 on it waits for `sendSyncRequest`: with the bare SDK, a
 * change of consent did not reach a second installation in 12 rounds of `syncAll`, `preferences.sync` and
 * `syncAllDeviceSyncGroups` on both, and reached it in the first rounds once that installation had asked.
 */
export async function askSiblings(worker: Worker): Promise<void> {
  if (!("createBackend" in sdk)) return;
  await worker.client.sendSyncRequest();
}
