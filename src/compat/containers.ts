import type { Fault, NodeFault } from "../../fixtures/index.js";
import { XmtpTestError } from "../errors.js";
import { scope } from "./scope.js";

type Lifted = Pick<Fault | NodeFault, "lift">;

/** The client ports of such suites' four nodes: 5556, 6556, 7556, 8556. */
const firstPort = 5556;
const portStep = 1000;

/**
 * A node of such a suite, by its container's name. There is one embedded node here, so what the suites do to a
 * container is done to the workers pinned to that node by `getWorkers({ name: url })`: to their lines, or, for a cut
 * between nodes, to their streams. Calls return at once, and take effect before the next call of a client.
 *
 * No container, root or tc is needed, and no packet is lost: see `addLoss`.
 */
export class DockerContainer {
  /** As it was given. */
  readonly name: string;
  /** There is no container: the embedded node's own address. */
  readonly ip = "127.0.0.1";
  /** Empty: there is no process of its own. */
  readonly pid = "";
  /** There is no network interface of its own. */
  readonly veth = "none";
  readonly #number: number;
  readonly #cutFrom = new Set<DockerContainer>();
  readonly #on = new Map<string, Lifted>();

  /** @param name a number behind "node" says which one it is, for example "xmtp-node2-1"; else the first */
  constructor(name: string) {
    this.name = name;
    this.#number = Number(/node(\d+)/.exec(name)?.[1] ?? 1);
  }

  /** Delays what goes to the node, ms. Replaces the delay before; less than 5 is none. */
  addLatency(ms: number): void {
    this.#delay("ingress", "upstream", ms, 0);
  }

  /** Delays what goes to the node by `delay` ms, give or take `jitter` ms (at most `delay`). Replaces `addLatency`. */
  addJitter(delay: number, jitter: number): void {
    this.#delay("ingress", "upstream", delay, jitter);
  }

  /** Delays what comes from the node, ms. */
  addEgressLatency(ms: number): void {
    this.#delay("egress", "downstream", ms, 0);
  }

  /** Delays what comes from the node by `delay` ms, give or take `jitter` ms. Replaces `addEgressLatency`. */
  addEgressJitter(delay: number, jitter: number): void {
    this.#delay("egress", "downstream", delay, jitter);
  }

  /** @throws XmtpTestError `COMPAT_REFUSED`: a lost packet is sent again by TCP, so above TCP nothing is lost */
  addLoss(percent: number): never {
    throw new XmtpTestError(
      "COMPAT_REFUSED",
      `${percent} % packet loss is not put on ${this.name}: above TCP no packet is lost, only late.`,
      "Say what it should do: latency with jitter, stall, reset or flaky of the fixture `chaos`.",
    );
  }

  /** @throws XmtpTestError `COMPAT_REFUSED`, as `addLoss` */
  addEgressLoss(percent: number): never {
    return this.addLoss(percent);
  }

  /** Takes the delays of both directions off. */
  clearLatency(): void {
    this.#lift("ingress");
    this.#lift("egress");
  }

  /** Takes the delay of what comes from the node off. */
  clearEgressLatency(): void {
    this.#lift("egress");
  }

  /** Refused: between the nodes there is no line here. @throws XmtpTestError `COMPAT_REFUSED` */
  addFixedLatencyTo(other: DockerContainer, _ms: number): never {
    throw new XmtpTestError(
      "COMPAT_REFUSED",
      `${this.name} and ${other.name} are one embedded node: there is no line between them to be slowed.`,
      "Slow the workers' own lines: addLatency.",
    );
  }

  /**
   * Cuts what this node tells `target`: streams of the workers pinned to `target` stay open and bring nothing, also
   * nothing of their own node's workers. Queries and syncs go on, as with the suites' shared database.
   */
  blockOutboundTrafficTo(target: DockerContainer): void {
    this.#cutFrom.add(target);
    target.#mute(`from ${this.name}`);
  }

  /** Lifts that cut: the muted streams end with UNAVAILABLE, and the SDK subscribes again. */
  unblockOutboundTrafficTo(target: DockerContainer): void {
    this.#cutFrom.delete(target);
    target.#lift(`mute from ${this.name}`);
  }

  /** The same as `blockOutboundTrafficTo`. */
  blackHoleTo(target: DockerContainer): void {
    this.blockOutboundTrafficTo(target);
  }

  /** Cuts this node off from the others: its workers' streams bring nothing. */
  simulateBlackhole(targets: readonly DockerContainer[]): void {
    for (const target of targets) {
      this.#cutFrom.add(target);
      target.#cutFrom.add(this);
    }
    this.#mute("from all");
  }

  /** Lifts the cut of `simulateBlackhole`, all of it, whatever nodes are named. */
  clearBlackhole(targets: readonly DockerContainer[]): void {
    for (const target of targets) {
      this.#cutFrom.delete(target);
      target.#cutFrom.delete(this);
    }
    this.#lift("mute from all");
  }

  /** The same as `simulateBlackhole`. */
  simulateInterContainerBlackhole(targets: readonly DockerContainer[]): void {
    this.simulateBlackhole(targets);
  }

  /** The same as `clearBlackhole`. */
  clearInterContainerBlackhole(targets: readonly DockerContainer[]): void {
    this.clearBlackhole(targets);
  }

  /** Holds what this node's workers send it, as dropped packets do: TCP sends them again afterwards. */
  blockInboundFromHost(): void {
    this.#stall("inbound", "upstream");
  }

  /** Lets the bytes of `blockInboundFromHost` go on. */
  unblockFromHost(): void {
    this.#lift("stall inbound");
  }

  /** Holds what the node sends its workers, until `unblockToHost`. */
  blockOutboundTrafficToHost(): void {
    this.#stall("outbound", "downstream");
  }

  /** Lets the bytes of `blockOutboundTrafficToHost` go on. */
  unblockToHost(): void {
    this.#lift("stall outbound");
  }

  /** Holds all bytes between this node's workers and it; the embedded node itself goes on. */
  pause(): void {
    this.#stall("pause", "both");
  }

  /** Lets them go on. */
  unpause(): void {
    this.#lift("stall pause");
  }

  /** Cuts the lines of this node's workers for the rest of the describe; the embedded node itself goes on. */
  kill(): void {
    this.#put("kill", async (names) => await scope("kill").chaos.cut(names));
  }

  /**
   * Throws where a cut stands between the two; else does nothing, as there is no path to be measured.
   * A test that times it must be rewritten.
   */
  ping(target: DockerContainer, _count = 3, expectFailure = false): void {
    if (expectFailure || !(this.#cutFrom.has(target) || target.#cutFrom.has(this))) return;
    throw new Error(`${this.name} is cut off from ${target.name}.`);
  }

  /** The nodes that workers are pinned to. */
  static listRunningXmtpNodes(): DockerContainer[] {
    const ports = new Set(scope("listRunningXmtpNodes").people.pinned.values());
    return [...ports].sort().map((port) => new DockerContainer(`node${(port - firstPort) / portStep + 1}`));
  }

  /** The same nodes, each name with `prefix` in front. */
  static listByNamePrefix(prefix: string): DockerContainer[] {
    return DockerContainer.listRunningXmtpNodes().map(({ name }) => new DockerContainer(`${prefix}${name}`));
  }

  /** Does nothing: neither Docker nor root is needed. */
  static validateDependencies(): void {
    // Nothing is needed.
  }

  #delay(key: string, direction: "upstream" | "downstream", ms: number, jitter: number): void {
    const latencyMs = Math.round(ms);
    if (latencyMs < 5) {
      this.#lift(key);
      return;
    }
    const how = { latencyMs, jitterMs: Math.min(Math.round(jitter), latencyMs), direction };
    this.#put(key, async (names) => await scope("addLatency").chaos.latency(names, how));
  }

  #stall(key: string, direction: "upstream" | "downstream" | "both"): void {
    this.#put(`stall ${key}`, async (names) => await scope("a block").chaos.stall(names, { direction }));
  }

  #mute(key: string): void {
    this.#put(`mute ${key}`, async (names) => await muted(names));
  }

  /** In place of what this key had before. */
  #put(key: string, on: (names: readonly string[]) => Promise<Lifted | undefined>): void {
    const running = scope(`${this.name}.${key}`);
    const names = this.#workers();
    if (names.length === 0)
      running.note(`${this.name}: no worker is pinned to it, so "${key}" acts on nobody.`);
    running.faults.add(async () => {
      await this.#off(key);
      const fault = names.length === 0 ? undefined : await on(names);
      if (fault) this.#on.set(key, fault);
    });
  }

  #lift(key: string): void {
    scope(`${this.name}.${key}`).faults.add(async () => await this.#off(key));
  }

  async #off(key: string): Promise<void> {
    const fault = this.#on.get(key);
    this.#on.delete(key);
    await fault?.lift();
  }

  #workers(): string[] {
    const port = firstPort + portStep * (this.#number - 1);
    return workersAt(port);
  }
}

function workersAt(port: number): string[] {
  return [...scope("a fault").people.pinned].filter(([, at]) => at === port).map(([name]) => name);
}

/** Mutes the streams that are open; a worker that has none hears nothing anyway. */
async function muted(names: readonly string[]): Promise<Lifted | undefined> {
  const { chaos } = scope("a block");
  const faults: Lifted[] = [];
  for (const name of names) {
    try {
      faults.push(await chaos.node.muteStreams(name));
    } catch (error) {
      if (!(error instanceof XmtpTestError && error.code === "FAULT_NOT_EFFECTIVE")) throw error;
    }
  }
  return {
    lift: async () => {
      await Promise.all(faults.map(async (fault) => await fault.lift()));
    },
  };
}

/** iptables on the host, by a node's client port: the lines of the workers pinned there. */
const blocked = new Map<number, Lifted>();

/** Holds all bytes of the workers pinned to the node with this client port. Acts on nobody where none is pinned. */
export function blockHostPort(port: number): void {
  const running = scope("blockHostPort");
  running.faults.add(async () => {
    const names = workersAt(port);
    if (names.length > 0) blocked.set(port, await running.chaos.stall(names));
  });
}

/** Lets the bytes of `blockHostPort` go on. */
export function unblockHostPort(port: number): void {
  scope("unblockHostPort").faults.add(async () => {
    const fault = blocked.get(port);
    blocked.delete(port);
    await fault?.lift();
  });
}

/** The suites' module `iptables`. */
export const iptables = {
  blockHostPort,
  unblockHostPort,
  /** The same as `from.blockOutboundTrafficTo(to)`. */
  blockOutboundTraffic: (from: DockerContainer, to: DockerContainer): void => from.blockOutboundTrafficTo(to),
  /** The same as `from.unblockOutboundTrafficTo(to)`. */
  unblockOutboundTraffic: (from: DockerContainer, to: DockerContainer): void =>
    from.unblockOutboundTrafficTo(to),
};
