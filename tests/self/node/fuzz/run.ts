import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { nodeRouter } from "#src/network/services/router.js";
import { Wallets } from "#src/network/services/wallets.js";
import { NodeStore } from "#src/network/store/node-store.js";
import { StatusError } from "#src/network/grpc/status.js";
import type { OutStream, Router } from "#src/network/grpc/service.js";
import { capture } from "../captured.js";
import { Bodies } from "./bodies.js";
import { Bystanders } from "./bystanders.js";
import { Door } from "./door.js";
import { Draw } from "./draw.js";
import { framed } from "./framed.js";
import { NodeProcess } from "./node-process.js";
import { WireClient, http2Frame, preface, throwBytes } from "./wire.js";
import type { WireCall } from "./wire.js";

export interface FuzzOptions {
  /** Frames and bodies in all. */
  readonly count: number;
  readonly seed: number | string;
}

export interface FuzzReport {
  /** gRPC calls over HTTP/2, each of which ended. */
  readonly calls: number;
  /** Frames of broken HTTP/2 and lumps of noise, over TCP. */
  readonly frames: number;
  /** Bodies handed to the handlers without a socket. */
  readonly inProcess: number;
  /** What handlers threw that was not a status; must be none. */
  readonly unexpected: readonly string[];
  /** Bytes that the node had in use with an empty store: after the warmup, and at the end. */
  readonly memory: readonly [before: number, after: number];
  readonly openSubscriptions: number;
  readonly openConnections: number;
  /** Texts that the bystanders sent, and those that arrived. */
  readonly sent: readonly string[];
  readonly received: readonly string[];
  readonly seconds: number;
}

/** Calls in one write; a connection is closed after some of them, as clients come and go. */
const BATCH = 200;
const BATCHES_PER_CONNECTION = 10;
/** Below the node's connection window of 4 MiB, which is not opened again before the batch has been read. */
const BATCH_BYTES = 2 << 20;
const GARBAGE_SIDE_BY_SIDE = 16;

/**
 * Throws `count` random and mutated frames and bodies at a node, while two real SDK clients talk through it.
 *
 * Three quarters go over TCP: gRPC calls on well-formed HTTP/2, with request bodies that are mutated, random, or framed
 * wrongly; and one in ten is a frame of broken HTTP/2. The last quarter goes to the same handlers in this process: what
 * a body does there does not depend on the socket it came by, which the others exercise, and it costs a tenth.
 */
export async function fuzz({ count, seed }: FuzzOptions): Promise<FuzzReport> {
  const began = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "playwright-xmtp-fuzz-"));
  try {
    await using node = await NodeProcess.start();
    const draw = new Draw(seed);
    const bodies = new Bodies(draw, await capture());
    const shares = { frames: Math.floor(count / 10), inProcess: Math.floor(count / 4) };
    const calls = count - shares.frames - shares.inProcess;

    const empty = join(folder, "empty");
    await node.snapshot(empty);
    // The same kinds of traffic first: caches, compiled code and the SDK's own connections are not growth.
    const warm = Math.min(20_000, Math.ceil(calls / 10));
    await grpcCalls(node, draw, bodies, warm);
    await brokenFrames(node, draw, bodies, Math.ceil(warm / 10));
    const before = await weigh(node, empty);

    await using door = await Door.open(node.port);
    await using bystanders = await Bystanders.start({ url: door.url, historyUrl: node.historyUrl });
    const unexpected = new Set<string>();
    const handlers = new InProcess();
    const steps = 20;
    for (let step = 0; step < steps; step++) {
      await grpcCalls(node, draw, bodies, share(calls, step, steps));
      await brokenFrames(node, draw, bodies, share(shares.frames, step, steps));
      await handlers.run(bodies, share(shares.inProcess, step, steps), unexpected);
      await bystanders.say(`step ${step}`);
    }
    const { sent, received } = await bystanders.finish();
    await bystanders[Symbol.asyncDispose]();
    await node.waitForSubscriptions(0, 10_000);
    await door[Symbol.asyncDispose]();
    await untilAllConnectionsAreGone(node);
    const after = await weigh(node, empty);
    const { openSubscriptions, openConnections } = await node.stats();
    return {
      calls,
      frames: shares.frames,
      inProcess: shares.inProcess,
      unexpected: [...unexpected],
      memory: [before, after],
      openSubscriptions,
      openConnections,
      sent,
      received,
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const share = (whole: number, step: number, steps: number): number =>
  Math.floor((whole * (step + 1)) / steps) - Math.floor((whole * step) / steps);

/** Memory in use once all rows are gone: what stays is a leak, or was there before. */
async function weigh(node: NodeProcess, empty: string): Promise<number> {
  await node.restore(empty);
  return node.memory();
}

/** The node looks for connections that a protocol error has left deaf every five seconds. */
const CONNECTIONS_GONE_MS = 60_000;

async function untilAllConnectionsAreGone(node: NodeProcess): Promise<void> {
  const deadline = performance.now() + CONNECTIONS_GONE_MS;
  for (let open = Infinity; open > 0; open = (await node.stats()).openConnections) {
    if (performance.now() > deadline) throw new Error(`${open} connections are still open.`);
    await pause(100);
  }
}

async function grpcCalls(node: NodeProcess, draw: Draw, bodies: Bodies, count: number): Promise<void> {
  for (let done = 0; done < count;) {
    const client = await WireClient.open(node.port);
    try {
      for (let batch = 0; batch < BATCHES_PER_CONNECTION && done < count; batch++) {
        const calls: WireCall[] = [];
        for (let bytes = 0; calls.length < BATCH && done < count && bytes < BATCH_BYTES; done++) {
          const call = nextCall(draw, bodies);
          bytes += call.bytes.length;
          calls.push(call);
        }
        await client.exchange(calls);
      }
    } finally {
      client.close();
    }
  }
}

function nextCall(draw: Draw, bodies: Bodies): WireCall {
  const { path, body } = bodies.next();
  const streams = path.includes("Subscribe") || path.endsWith("Watch");
  return { path, bytes: framed(draw, body), reset: streams || draw.oneIn(50) };
}

/** Connections with a good beginning and frames that are none; each frame counts. */
async function brokenFrames(node: NodeProcess, draw: Draw, bodies: Bodies, count: number): Promise<void> {
  const lumps: Buffer[] = [];
  for (let done = 0; done < count;) {
    const frames = Math.min(1 + draw.below(16), count - done);
    done += frames;
    const parts = draw.oneIn(20) ? [] : [preface, http2Frame(4, 0, 0, Buffer.alloc(0))];
    for (let at = 0; at < frames; at++) parts.push(brokenFrame(draw, bodies));
    lumps.push(Buffer.concat(parts));
  }
  const lane = async (): Promise<void> => {
    for (let lump = lumps.pop(); lump; lump = lumps.pop()) await throwBytes(node.port, lump);
  };
  await Promise.all(Array.from({ length: GARBAGE_SIDE_BY_SIDE }, lane));
}

function brokenFrame(draw: Draw, bodies: Bodies): Buffer {
  const payload = draw.oneIn(3) ? bodies.next().body.subarray(0, 1_000) : draw.bytes(draw.below(40));
  const whole = http2Frame(draw.below(12), draw.below(256), draw.below(20), payload);
  if (draw.oneIn(4)) whole.writeUIntBE(draw.below(2 ** 24), 0, 3);
  if (draw.oneIn(4)) whole.writeUInt32BE(draw.below(2 ** 32), 5);
  return draw.oneIn(10) ? draw.bytes(1 + draw.below(60)) : whole;
}

/** The node's handlers without its sockets. Whatever they throw must be a status. */
class InProcess {
  #router: Router = nodeRouter(new NodeStore(), new Wallets(), { bidiStreams: false, keepaliveMs: 30_000 });

  async run(bodies: Bodies, count: number, unexpected: Set<string>): Promise<void> {
    // A fresh store each time, so that this process does not fill up.
    this.#router = nodeRouter(new NodeStore(), new Wallets(), { bidiStreams: false, keepaliveMs: 30_000 });
    for (let done = 0; done < count; done++) {
      const { path, body } = bodies.next();
      await this.#call(path, body).catch((error: unknown) => {
        if (!(error instanceof StatusError)) unexpected.add(`${path}: ${String(error)}`);
      });
      if (done % 1_000 === 0) await turn();
    }
  }

  async #call(path: string, body: Buffer): Promise<void> {
    const method = this.#router.get(path);
    const caller = { peer: "fuzz", metadata: {} };
    if (method?.kind === "unary") await method.run(body, caller);
    else if (method?.kind === "stream") {
      const closers: (() => void)[] = [];
      const stream: OutStream = {
        ...caller,
        start: () => undefined,
        onDeadline: () => undefined,
        write: () => true,
        onDrain: () => undefined,
        onClose: (listener) => closers.push(listener),
        end: () => undefined,
        closed: false,
      };
      try {
        await method.run(body, stream);
      } finally {
        for (const close of closers) close();
      }
    }
  }
}
