import type { Meter } from "../measuring/meter.js";
import type { Population } from "../population/population.js";
import type { SdkModule, SdkNetwork } from "../../workers/sdk/types.js";
import type { LoadSettings } from "../steps/settings.js";

/** What the users of one process share. */
export interface UserSession {
  readonly run: string;
  readonly seed: string;
  readonly settings: LoadSettings;
  readonly population: Population;
  readonly meter: Meter;
  readonly sdk: SdkModule;
  /** Where a user connects: the network, or the line before it. */
  networkOf(user: number): SdkNetwork;
  /** Folder of the users' databases. */
  readonly folder: string;
}

/** Unix ms with fractions: Date.now() alone is too coarse for a delivery of 2 ms. */
export function wallNow(): number {
  return performance.timeOrigin + performance.now();
}
