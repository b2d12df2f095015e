import { ApiError } from "../wire/api-error.js";
import { BandwidthStage } from "./bandwidth.js";
import { LatencyStage } from "./latency.js";
import { LimitDataStage } from "./limit-data.js";
import { NoopStage } from "./noop.js";
import { ResetPeerStage } from "./reset-peer.js";
import { SlicerStage } from "./slicer.js";
import { SlowCloseStage } from "./slow-close.js";
import { TimeoutStage } from "./timeout.js";
import type { SlicerSettings } from "./slicer.js";
import type { Random } from "./random.js";
import type { Stage } from "./stage.js";

/** A toxic's attributes as the data plane uses them: plain numbers in the toxic's own units. */
export type Settings = Readonly<Record<string, number>>;

/** What a stage may use of its connection. */
export interface StageHost {
  /** Draws that belong to this toxic on this direction of this connection. */
  readonly random: Random;
  /** Resets both peers with RST. */
  reset(): void;
}

/** One of Toxiproxy's toxic types. */
export interface ToxicKind {
  /** The Go type's name, as it stands in error texts. */
  readonly goType: string;
  readonly integer: "int64" | "int";
  /** Attribute names in the order of the wire. */
  readonly attributes: readonly string[];
  /** @throws ApiError 400 for values that make no sense together */
  check(settings: Settings): void;
  stage(settings: Settings, host: StageHost): Stage<Settings>;
}

const anything = (): void => undefined;

function define<S extends object>(
  goType: string,
  attributes: readonly (keyof S & string)[],
  stage: (settings: S, host: StageHost) => Stage<S>,
  more: { integer?: "int"; check?: (settings: S) => void } = {},
): ToxicKind {
  const { integer = "int64", check = anything } = more;
  // The attribute list names every key of S, so settings read by it are an S.
  return { goType, integer, attributes, check, stage } as unknown as ToxicKind;
}

/** Toxiproxy 2.13 refuses these; 2.12 and older crash on them (upstream issue 541). */
function checkSlicer(settings: SlicerSettings): void {
  const { average_size: average, size_variation: variation } = settings;
  if (average <= 0) throw new ApiError(`average_size must be greater than 0, got ${average}`, 400);
  if (variation < 0 || variation > average) {
    throw new ApiError(
      `size_variation must be between 0 and average_size (${average}), got ${variation}`,
      400,
    );
  }
}

const kinds: Readonly<Record<string, ToxicKind>> = {
  latency: define(
    "LatencyToxic",
    ["latency", "jitter"],
    (settings, { random }) => new LatencyStage(settings, random),
  ),
  bandwidth: define("BandwidthToxic", ["rate"], (settings) => new BandwidthStage(settings)),
  slow_close: define("SlowCloseToxic", ["delay"], (settings) => new SlowCloseStage(settings)),
  timeout: define("TimeoutToxic", ["timeout"], (settings) => {
    const stage = new TimeoutStage(settings);
    stage.start();
    return stage;
  }),
  reset_peer: define(
    "ResetToxic",
    ["timeout"],
    (settings, host) => new ResetPeerStage(settings, () => host.reset()),
  ),
  slicer: define(
    "SlicerToxic",
    ["average_size", "size_variation", "delay"],
    (settings, { random }) => new SlicerStage(settings, random),
    { integer: "int", check: checkSlicer },
  ),
  limit_data: define("LimitDataToxic", ["bytes"], (settings) => new LimitDataStage(settings)),
  noop: define("NoopToxic", [], (settings) => new NoopStage(settings)),
};

/** The kind of a type name as sent (case matters), or undefined. */
export function kindOfToxic(type: string): ToxicKind | undefined {
  return Object.hasOwn(kinds, type) ? kinds[type] : undefined;
}
