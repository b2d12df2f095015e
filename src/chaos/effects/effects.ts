import type { ToxicSpec } from "../../toxiproxy/index.js";
import type { Line } from "../lines/line.js";
import { checkFields, inRange } from "./options.js";
import type { DirectionOption, LatencyOptions, LimitOptions } from "./options.js";
import type { ResetOptions, SliceOptions, ThrottleOptions } from "./options.js";
import { RefusedProof, ResetProof } from "../proofs/closed.js";
import { DelayedProof } from "../proofs/delayed.js";
import { JitteredProof } from "../proofs/jittered.js";
import type { Proof } from "../proofs/proof.js";
import { SilentProof } from "../proofs/silent.js";
import { AllProofs, LimitProof, VolumeProof } from "../proofs/volume.js";
import { directionText, streamsOf } from "../lines/targets.js";
import type { Direction } from "../lines/targets.js";

/** A fault as what it does to one line, and how that shows. */
export interface Effect {
  /** For example "latency". */
  readonly verb: string;
  /** For people, for example "300 ms ± 50 ms both ways". */
  readonly detail: string;
  /** While it is on, no probe gets through. */
  readonly masks: boolean;
  /** It shows even where another fault lets no probe through. */
  readonly hides?: boolean;
  on(line: Line, faultId: string): Promise<void>;
  off(line: Line, faultId: string): Promise<void>;
  proof(): Proof;
  /** Goes on while the fault is on, until `signal` is aborted. */
  run?(line: Line, faultId: string, signal: AbortSignal): Promise<void>;
}

/** Longer than any test: what waits for it is held. */
const holdMs = 3_600_000;
/** How long the bytes of a volume proof shall take, ms. */
const proofMs = 150;

type Toxic = Pick<ToxicSpec, "type" | "attributes">;

export function latencyEffect(options: LatencyOptions): Effect {
  checkFields("latency", options, ["latencyMs", "jitterMs", "direction"]);
  const latency = inRange("latencyMs", options.latencyMs, 5, holdMs);
  const jitter = inRange("jitterMs", options.jitterMs ?? 0, 0, latency);
  const ways = streamsOf(options.direction).length;
  return ofToxic(
    "latency",
    options.direction,
    { type: "latency", attributes: { latency, jitter } },
    {
      detail: `${latency} ms${jitter > 0 ? ` ± ${jitter} ms` : ""}`,
      masks: false,
      // What every chunk waits at least is the surest sign, where it is much.
      proof: () =>
        2 * (latency - jitter) >= latency
          ? new DelayedProof((latency - jitter) * ways)
          : new JitteredProof(latency * ways),
    },
  );
}

export function throttleEffect(options: ThrottleOptions): Effect {
  checkFields("throttle", options, ["rateKBps", "direction"]);
  const rate = inRange("rateKBps", options.rateKBps, 1, 1_000);
  const bytes = rate * proofMs;
  return ofToxic(
    "throttle",
    options.direction,
    { type: "bandwidth", attributes: { rate } },
    {
      detail: `${rate} KB/s`,
      masks: false,
      proof: () => each(options.direction, (stream) => new VolumeProof(stream, bytes, proofMs)),
    },
  );
}

export function sliceEffect(options: SliceOptions = {}): Effect {
  checkFields("slice", options, ["averageBytes", "variationBytes", "delayUs", "direction"]);
  const average = inRange("averageBytes", options.averageBytes ?? 64, 1, 10_000);
  const variation = inRange("variationBytes", options.variationBytes ?? 0, 0, average - 1);
  const delay = inRange("delayUs", options.delayUs ?? 2_000, 1_000, 1_000_000);
  const attributes = { average_size: average, size_variation: variation, delay };
  const pieces = Math.ceil((proofMs * 1_000) / delay);
  return ofToxic(
    "slice",
    options.direction,
    { type: "slicer", attributes },
    {
      detail: `pieces of ${average} bytes${variation > 0 ? ` ± ${variation}` : ""}, ${delay} µs apart`,
      masks: false,
      // A piece may be as long as average + variation.
      proof: () =>
        each(options.direction, (stream) => {
          const bytes = pieces * (average + variation);
          return new VolumeProof(stream, bytes, (pieces * delay) / 1_000);
        }),
    },
  );
}

export function limitEffect(options: LimitOptions): Effect {
  checkFields("limit", options, ["bytes", "direction"]);
  const bytes = inRange("bytes", options.bytes, 0, 1_000_000);
  return ofToxic(
    "limit",
    options.direction,
    { type: "limit_data", attributes: { bytes } },
    {
      detail: `${bytes} bytes per connection`,
      masks: true,
      proof: () => each(options.direction, (stream) => new LimitProof(stream, bytes)),
    },
  );
}

export function stallEffect(options: DirectionOption = {}): Effect {
  checkFields("stall", options, ["direction"]);
  const { direction } = options;
  return ofToxic(
    "stall",
    direction,
    { type: "latency", attributes: { latency: holdMs, jitter: 0 } },
    { detail: "all bytes held", masks: true, proof: () => new SilentProof() },
  );
}

export function blackholeEffect(options: DirectionOption = {}): Effect {
  checkFields("blackhole", options, ["direction"]);
  const { direction } = options;
  return ofToxic(
    "blackhole",
    direction,
    { type: "timeout", attributes: { timeout: 0 } },
    { detail: "all bytes lost", masks: true, proof: () => new SilentProof() },
  );
}

export function resetEffect(options: ResetOptions = {}): Effect {
  checkFields("reset", options, ["afterMs", "direction"]);
  const timeout = inRange("afterMs", options.afterMs ?? 0, 0, 10_000);
  return ofToxic(
    "reset",
    options.direction,
    { type: "reset_peer", attributes: { timeout } },
    {
      detail: `every connection, ${timeout} ms after its next byte`,
      masks: true,
      proof: () => new ResetProof(timeout),
    },
  );
}

/** The port closed, every connection too. */
export function cutEffect(verb = "cut", detail = "connections closed, new ones refused"): Effect {
  return {
    verb,
    detail,
    masks: true,
    hides: true,
    on: (line, faultId) => line.cut(faultId),
    off: (line, faultId) => line.mend(faultId),
    proof: () => new RefusedProof(),
  };
}

function ofToxic(
  verb: string,
  direction: Direction | undefined,
  toxic: Toxic,
  rest: Pick<Effect, "detail" | "masks" | "proof">,
): Effect {
  const toxics = streamsOf(direction).map((stream): ToxicSpec => ({ ...toxic, stream }));
  return {
    ...rest,
    verb,
    detail: `${rest.detail} ${directionText(direction)}`,
    on: (line, faultId) => line.addToxics(faultId, toxics),
    off: (line, faultId) => line.removeToxics(faultId, toxics),
  };
}

function each(direction: Direction | undefined, proof: (stream: "upstream" | "downstream") => Proof): Proof {
  return new AllProofs(streamsOf(direction).map(proof));
}
