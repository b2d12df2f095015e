import { XmtpTestError, throwTogether, toError } from "../errors.js";
import { timeoutOf } from "../async/timeout.js";
import type { TimeoutOption } from "../async/timeout.js";
import type { StepFunction } from "../steps.js";
import * as effects from "./effects/effects.js";
import type { Effect } from "./effects/effects.js";
import type { Fault } from "./fault.js";
import { flakyEffect } from "./effects/flaky.js";
import { awaitAnswers } from "./lines/heal.js";
import { Injector } from "./injector.js";
import type { FaultLedger } from "./injector.js";
import type { Lines } from "./lines/lines.js";
import * as options from "./effects/options.js";
import type { ChaosNode } from "./node/chaos-node.js";
import { NodeChaos } from "./node/node-chaos.js";
import { profileEffects } from "./effects/profile.js";
import type { ChaosProfile } from "./effects/profile.js";
import { effectOf } from "./schedule/effect-of.js";
import { planText, readPlan } from "./schedule/plan.js";
import { isNodeStep } from "./schedule/plan.js";
import type { Plan, PlanStep } from "./schedule/plan.js";
import { applyNodeStep } from "./schedule/node-step.js";
import { play } from "./schedule/play.js";
import type { PlayedStep } from "./schedule/play.js";
import { Schedule } from "./schedule/schedule.js";
import { namesOf } from "./lines/targets.js";
import type { Targets } from "./lines/targets.js";
import { UnderWay } from "./under-way.js";

export interface ChaosOptions {
  readonly lines: Lines;
  /** The embedded node the lines lead to; undefined for an external one. */
  readonly node?: ChaosNode | undefined;
  readonly ledger: FaultLedger;
  readonly step: StepFunction;
  /** Drives what is drawn. */
  readonly seed: string;
  /** Faults that each worker has from its creation on. */
  readonly profile: ChaosProfile;
  /** Shows a plan that is about to be played. */
  announce(plan: Plan, text: string): Promise<void>;
  /** File of a plan to be played instead of the one given; "": none. */
  readonly planFile: string;
}

export interface RunOptions {
  /** Ends the run early. */
  readonly signal?: AbortSignal;
}

/**
 * Faults between parties (workers, apps, pages, lines) and the node. Each has a line with its own proxy, so each has
 * its own faults.
 *
 * A verb resolves once a probe through the party's proxy has confirmed that the fault took effect; `fault.evidence`
 * has what it measured. Otherwise it throws `FAULT_NOT_EFFECTIVE`. Faults on one line add up, in the order they were
 * applied. Faults that are still active when the test ends are removed before the workers close.
 *
 * There is no packet-loss fault: TCP hides loss from applications.
 */
export class Chaos {
  readonly #options: ChaosOptions;
  readonly #injector: Injector;
  readonly #underWay = new UnderWay();
  /** Faults inside the embedded node, for one RPC or one kind of stream of a party. */
  readonly node: NodeChaos;

  /** @internal comes from the fixture `chaos` */
  constructor(given: ChaosOptions) {
    this.#options = given;
    let count = 0;
    const nextId = (): string => `f${++count}`;
    this.#injector = new Injector(given.ledger, nextId);
    const { lines, ledger, step } = given;
    const track = <T>(work: () => Promise<T>): Promise<T> => this.#underWay.track(work);
    this.node = new NodeChaos({ node: given.node, lines, ledger, step, nextId, track });
  }

  /** Active faults, oldest first. */
  get faults(): readonly Fault[] {
    const age = ({ id }: Fault): number => Number(id.slice(1));
    return [...this.#injector.active, ...this.node.active].sort((a, b) => age(a) - age(b));
  }

  /** Delays all bytes; with both directions delayed, a round trip takes twice as long. */
  async latency(targets: Targets, how: number | options.LatencyOptions): Promise<Fault> {
    const effect = effects.latencyEffect(options.fieldOrOptions("latency", "latencyMs", how));
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /** Limits each connection to a rate, in KB/s. */
  async throttle(targets: Targets, how: number | options.ThrottleOptions): Promise<Fault> {
    const effect = effects.throttleEffect(options.fieldOrOptions("throttle", "rateKBps", how));
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /**
   * Holds all bytes; when it is removed they are delivered, in order and without loss, on the same connections (up to 1,024
   * reads each way). A client that waits for more than 26 s (libxmtp 1.9: 16 s to its ping, 10 s for the
   * answer) gives up the connection.
   */
  async stall(targets: Targets, how?: options.DirectionOption): Promise<Fault> {
    const effect = effects.stallEffect(how);
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /**
   * Loses all bytes of open and new connections, which stay open; `downstream` loses only the node's answers. When it
   * is removed, these connections close.
   */
  async blackhole(targets: Targets, how?: options.DirectionOption): Promise<Fault> {
    const effect = effects.blackholeEffect(how);
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /** Closes every connection and refuses new ones. */
  async cut(targets: Targets): Promise<Fault> {
    const effect = effects.cutEffect();
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /**
   * Resets every connection after its next byte. New connections see a TCP reset (RST); those from before see
   * one on the embedded Toxiproxy, and a close on real ones.
   */
  async reset(targets: Targets, how?: options.ResetOptions): Promise<Fault> {
    const effect = effects.resetEffect(how);
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /** Splits what is sent into small pieces with pauses. */
  async slice(targets: Targets, how?: options.SliceOptions): Promise<Fault> {
    const effect = effects.sliceEffect(how);
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /** Closes each connection after that many bytes, often in the middle of a frame. */
  async limit(targets: Targets, how: number | options.LimitOptions): Promise<Fault> {
    const effect = effects.limitEffect(options.fieldOrOptions("limit", "bytes", how));
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /** Cuts and restores the line repeatedly, at times drawn from the test's seed. */
  async flaky(targets: Targets, how?: options.FlakyOptions): Promise<Fault> {
    const effect = flakyEffect(this.#options.seed, how);
    return await this.#options.step(title(effect, targets), () => this.#apply(effect, targets), {
      box: true,
    });
  }

  /**
   * Splits the parties into sides that cannot reach each other. XMTP clients only meet at the node, so the last side
   * keeps the node and all other parties are cut off, from each other too.
   *
   * @example `await chaos.partition([alice], [bob, carol])` cuts alice off; bob and carol are not affected
   * @throws XmtpTestError `CHAOS_TARGETS` with fewer than two sides, or for a party on two
   */
  async partition(...sides: readonly Targets[]): Promise<Fault> {
    const names = sides.map(namesOf);
    const effect = effects.cutEffect("partition", names.map((side) => side.join(", ")).join(" | "));
    return await this.#options.step(`chaos: partition ${effect.detail}`, () => this.#part(effect, names), {
      box: true,
    });
  }

  /** Starts a schedule; its `plan(ms)` is what `run` plays. Random choices follow the test's seed. */
  schedule(seed = this.#options.seed): Schedule {
    return new Schedule(seed);
  }

  /**
   * Plays a plan in real time, and resolves when it is over and its faults are removed. The plan is printed and
   * attached first. If `XMTP_CHAOS_PLAN` names the file of a saved plan, that one is played instead.
   *
   * @returns when each fault was actually active, with its evidence
   * @throws what one of its faults threw, for example `FAULT_NOT_EFFECTIVE`
   */
  async run(given: Plan, { signal }: RunOptions = {}): Promise<PlayedStep[]> {
    const { planFile, step } = this.#options;
    const plan = planFile === "" ? given : await readPlan(planFile);
    await this.#options.announce(plan, planText(plan));
    return await step(
      `chaos: run ${plan.steps.length} faults in ${plan.durationMs} ms (seed ${plan.seed})`,
      () =>
        this.#underWay.track((ended) => {
          const signals = signal ? [signal, ended] : [ended];
          return play(plan, { signal: AbortSignal.any(signals), apply: (one) => this.#applyStep(one, plan) });
        }),
      { box: true },
    );
  }

  /**
   * Removes every fault, stops a running plan, and waits until the node answers through each line again.
   *
   * @param options a number is the timeout: the former spelling
   * @throws XmtpTestError `HEAL_FAILED` after the timeout (default 10,000 ms; 0 or `Infinity`: no limit), naming who
   *   cannot be reached; `FAULT_NOT_EFFECTIVE` for a fault at the node that hit nothing
   */
  async heal(options: TimeoutOption | number = {}): Promise<void> {
    const timeoutMs = timeoutOf(typeof options === "number" ? { timeout: options } : options, 10_000);
    await this.#options.step("chaos: heal", () => this.#heal(timeoutMs), { box: true });
  }

  /**
   * The worker of this name will connect to the node without a proxy, as ground truth. Call this before it is created.
   *
   * @throws XmtpTestError `CHAOS_ORDER` if it has already been created
   */
  direct(worker: string): void {
    this.#options.lines.direct(worker);
  }

  /** Gives a worker that is being made its own proxy, with the profile's faults. @internal */
  async route<T extends { readonly url: string }>(worker: string, network: T): Promise<T> {
    const { lines, profile } = this.#options;
    if (lines.isDirect(worker)) return network;
    const routed = await lines.make(worker, network);
    for (const effect of profileEffects(profile)) await this.#apply(effect, worker);
    return routed;
  }

  /** Lifts every fault without looking at the lines; those of plans and of verbs under way too. @internal */
  async liftAll(): Promise<void> {
    await this.#underWay.stop();
    const results = await Promise.allSettled([...this.faults].reverse().map((fault) => fault.lift()));
    throwTogether(results.flatMap((one) => (one.status === "rejected" ? [toError(one.reason)] : [])));
  }

  /** The end of the test: lifts every fault, and no verb can put another one on. @internal */
  async end(): Promise<void> {
    this.#underWay.close();
    await this.liftAll();
  }

  async #heal(timeoutMs: number): Promise<void> {
    try {
      await this.liftAll();
    } finally {
      await awaitAnswers(this.#options.lines.all, timeoutMs);
    }
  }

  async #part(effect: Effect, sides: readonly (readonly string[])[]): Promise<Fault> {
    const all = sides.flat();
    const twice = all.find((name, index) => all.indexOf(name) !== index);
    if (sides.length < 2 || twice !== undefined) {
      throw new XmtpTestError(
        "CHAOS_TARGETS",
        twice === undefined ? "A partition has one side only." : `"${twice}" is on two sides of a partition.`,
        "Give two sides or more, each party on one: partition([alice], [bob, carol]).",
      );
    }
    const fault = await this.#apply(effect, sides.slice(0, -1).flat());
    try {
      await awaitAnswers((sides.at(-1) ?? []).map((name) => this.#options.lines.get(name)));
    } catch (error) {
      await fault.lift();
      throw error;
    }
    return fault;
  }

  async #apply(effect: Effect, targets: Targets): Promise<Fault> {
    return await this.#underWay.track(async () => {
      // Looked up within: after its end a test has no parties either, and that is not what to tell.
      const lines = namesOf(targets).map((name) => this.#options.lines.get(name));
      return await this.#injector.apply(effect, lines);
    });
  }

  async #applyStep(step: PlanStep, { seed }: Plan): Promise<Fault> {
    if (isNodeStep(step)) return await applyNodeStep(this.node, step);
    return await this.#apply(effectOf(step, seed), step.targets);
  }
}

function title({ verb, detail }: Effect, targets: Targets): string {
  return `chaos: ${verb} ${detail} on ${namesOf(targets).join(", ")}`;
}
