import { readFileSync } from "node:fs";
import { toBinary } from "@bufbuild/protobuf";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { health, identity, mls } from "#src/network/proto/index.js";
import { pathOf } from "../../network/grpc-client.js";
import type { Captured } from "../captured.js";
import type { Draw } from "./draw.js";

/** A method, valid requests of it, and how often it is drawn. */
interface Source {
  readonly path: string;
  readonly samples: readonly Buffer[];
  /** Verifying signatures takes milliseconds; whoever does is drawn seldom, so that a run is bounded. */
  readonly weight: number;
}

const VECTORS = new URL("../../unit/network/vectors/requests.json", import.meta.url);
const WEIGHTS: Readonly<Record<string, number>> = {
  PublishIdentityUpdate: 2,
  VerifySmartContractWalletSignatures: 2,
  UploadKeyPackage: 10,
  RegisterInstallation: 10,
  // These store what passes, and most mutations of a ciphertext do.
  SendGroupMessages: 20,
  SendWelcomeMessages: 10,
};
const USUAL_WEIGHT = 40;

/** Requests for every method of the node, drawn from a seed: mutated valid ones, random protobuf, and noise. */
export class Bodies {
  readonly #draw: Draw;
  readonly #sources: Source[];
  readonly #byWeight: Source[];

  constructor(draw: Draw, captured: Captured) {
    this.#draw = draw;
    const samples = samplesOf(captured);
    const methods = [mls.MlsApi, identity.IdentityApi, health.Health].flatMap((service) => service.methods);
    this.#sources = methods
      .filter(({ methodKind }) => methodKind !== "bidi_streaming")
      .map((method) => ({
        path: pathOf(method),
        samples: samples.get(method.name) ?? [Buffer.alloc(0)],
        weight: WEIGHTS[method.name] ?? USUAL_WEIGHT,
      }));
    this.#byWeight = this.#sources.flatMap((source) => Array<Source>(source.weight).fill(source));
  }

  get paths(): string[] {
    return this.#sources.map(({ path }) => path);
  }

  /** The next request: a method, and bytes for it. */
  next(): { path: string; body: Buffer } {
    const draw = this.#draw;
    const { path, samples } = draw.pick(this.#byWeight);
    switch (draw.below(8)) {
      case 0:
        return { path, body: draw.bytes(draw.below(200)) };
      case 1:
        return { path, body: this.#protobuf(3) };
      case 2:
        // Another method's request: fields of the wrong types under the right numbers.
        return { path, body: this.#bent(draw.pick(draw.pick(this.#sources).samples)) };
      default:
        return { path, body: this.#bent(draw.pick(samples)) };
    }
  }

  #bent(sample: Buffer): Buffer {
    const draw = this.#draw;
    let bytes = Buffer.from(sample);
    for (let rounds = 1 + draw.below(3); rounds > 0; rounds--) {
      const at = draw.below(bytes.length + 1);
      switch (draw.below(7)) {
        case 0:
          if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << draw.below(8));
          break;
        case 1:
          if (at < bytes.length) bytes[at] = draw.below(256);
          break;
        case 2:
          bytes = bytes.subarray(0, at);
          break;
        case 3:
          bytes = Buffer.concat([bytes.subarray(0, at), draw.bytes(1 + draw.below(8)), bytes.subarray(at)]);
          break;
        case 4:
          // A piece left out.
          bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + draw.below(16))]);
          break;
        case 5: {
          // A piece twice.
          const piece = bytes.subarray(at, at + draw.below(64));
          bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
          break;
        }
        default:
          // A length or number at its limit.
          bytes = Buffer.concat([bytes.subarray(0, at), draw.pick(LIMITS), bytes.subarray(at + 1)]);
      }
    }
    return bytes;
  }

  #protobuf(depth: number): Buffer {
    const draw = this.#draw;
    const parts: Buffer[] = [];
    for (let fields = draw.below(5); fields >= 0; fields--) {
      const wire = draw.below(6);
      parts.push(Buffer.from([((1 + draw.below(8)) << 3) | wire]));
      if (wire === 0) parts.push(draw.pick(LIMITS));
      else if (wire === 1) parts.push(draw.bytes(8));
      else if (wire === 5) parts.push(draw.bytes(4));
      else if (wire === 2) {
        const inner = depth > 0 && draw.oneIn(2) ? this.#protobuf(depth - 1) : draw.bytes(draw.below(40));
        const length = Math.min(inner.length, 127);
        parts.push(Buffer.from([length]), inner.subarray(0, length));
      }
    }
    return Buffer.concat(parts);
  }
}

/** Varints at the edges of their types, and one that never ends. */
const LIMITS = [
  "00",
  "01",
  "7f",
  "8001",
  "ffffffff0f",
  "ffffffffffffffffff01",
  "ffffffffffffffffffffff",
  "80",
].map((hex) => Buffer.from(hex, "hex"));

function samplesOf(captured: Captured): Map<string, Buffer[]> {
  const recorded = JSON.parse(readFileSync(VECTORS, "utf8")) as Record<string, string[]>;
  const samples = new Map<string, Buffer[]>(
    Object.entries(recorded).map(([name, list]) => [name, list.map((hex) => Buffer.from(hex, "hex"))]),
  );
  const bytes = <D extends DescMessage>(schema: D, ...messages: MessageShape<D>[]): Buffer[] =>
    messages.map((message) => Buffer.from(toBinary(schema, message)));
  const { groupMessage, welcome, pointer, symmetricWelcome, keyPackage, identityUpdates, commitLog } =
    captured;
  samples.set("SendGroupMessages", bytes(mls.SendGroupMessagesRequestSchema, groupMessage));
  samples.set(
    "SendWelcomeMessages",
    bytes(mls.SendWelcomeMessagesRequestSchema, welcome, pointer, symmetricWelcome),
  );
  for (const name of ["UploadKeyPackage", "RegisterInstallation"])
    samples.set(name, bytes(mls.UploadKeyPackageRequestSchema, keyPackage));
  samples.set(
    "PublishIdentityUpdate",
    bytes(identity.PublishIdentityUpdateRequestSchema, ...identityUpdates),
  );
  samples.set("BatchPublishCommitLog", bytes(mls.BatchPublishCommitLogRequestSchema, commitLog));
  const groupId = commitLog.requests[0]?.groupId ?? new Uint8Array();
  samples.set("BatchQueryCommitLog", [
    Buffer.concat([Buffer.from([0x0a, groupId.length + 2, 0x0a, groupId.length]), groupId]),
  ]);
  return samples;
}
