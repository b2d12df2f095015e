import fc from "fast-check";
import type { Chaos, Fault, Worker } from "playwright-xmtp";
import { groupOf, trySay } from "../support.js";

/** What the commands believe: which links are hit, so that only what can be shown is asked for. */
export interface Model {
  readonly names: readonly string[];
  /** Faults on each worker, by the command's own number. */
  readonly faults: Map<number, { readonly name: string; readonly hides: boolean }>;
  nextFault: number;
}

/** The real thing: the group under test and the faults that are on. */
export interface Real {
  readonly chaos: Chaos;
  readonly group: string;
  readonly workers: readonly Worker[];
  readonly faults: Map<number, Fault>;
  /** Sends that were left to run while the next command goes on. */
  readonly background: Promise<unknown>[];
  /** Makes each text of a run its own. */
  sends: number;
}

type Command = fc.AsyncCommand<Model, Real>;

/** A worker writes, and does not wait: faults that come next fall upon the send. */
class Say implements Command {
  constructor(readonly who: number) {}
  check(): boolean {
    return true;
  }
  run(model: Model, real: Real): Promise<void> {
    const worker = pick(real.workers, this.who);
    real.background.push(trySay(worker, real.group, `${worker.name} says ${++real.sends}`));
    return Promise.resolve();
  }
  toString(): string {
    return `say(${this.who})`;
  }
}

/** A worker renames the group; the commit may lose to another one. */
class Rename implements Command {
  constructor(readonly who: number) {}
  check(): boolean {
    return true;
  }
  run(model: Model, real: Real): Promise<void> {
    const worker = pick(real.workers, this.who);
    const name = `name ${++real.sends}`;
    const renaming = groupOf(worker, real.group).then((group) => group.updateName(name));
    // Under faults a commit may fail; what everybody must agree on afterwards is judged at the end.
    real.background.push(renaming.catch(() => undefined));
    return Promise.resolve();
  }
  toString(): string {
    return `rename(${this.who})`;
  }
}

/** A worker reads the group from the node. */
class Sync implements Command {
  constructor(readonly who: number) {}
  check(): boolean {
    return true;
  }
  run(model: Model, real: Real): Promise<void> {
    const syncing = pick(real.workers, this.who).client.conversations.syncAll();
    real.background.push(syncing.catch(() => undefined));
    return Promise.resolve();
  }
  toString(): string {
    return `sync(${this.who})`;
  }
}

const faults = {
  latency: { hides: false, on: (chaos: Chaos, who: Worker) => chaos.latency(who, 40) },
  throttle: { hides: false, on: (chaos: Chaos, who: Worker) => chaos.throttle(who, 30) },
  slice: { hides: false, on: (chaos: Chaos, who: Worker) => chaos.slice(who) },
  cut: { hides: true, on: (chaos: Chaos, who: Worker) => chaos.cut(who) },
  stall: { hides: true, on: (chaos: Chaos, who: Worker) => chaos.stall(who) },
  reset: { hides: true, on: (chaos: Chaos, who: Worker) => chaos.reset(who) },
  deaf: { hides: true, on: (chaos: Chaos, who: Worker) => chaos.blackhole(who, { direction: "downstream" }) },
};

/** A fault comes; one that another would hide is left out. */
class Break implements Command {
  constructor(
    readonly how: keyof typeof faults,
    readonly who: number,
  ) {}
  check(model: Readonly<Model>): boolean {
    const name = pick(model.names, this.who);
    return ![...model.faults.values()].some((one) => one.name === name && one.hides);
  }
  async run(model: Model, real: Real): Promise<void> {
    const worker = pick(real.workers, this.who);
    const number = model.nextFault++;
    real.faults.set(number, await faults[this.how].on(real.chaos, worker));
    model.faults.set(number, { name: worker.name, hides: faults[this.how].hides });
  }
  toString(): string {
    return `${this.how}(${this.who})`;
  }
}

/** One of the faults goes. */
class Mend implements Command {
  constructor(readonly which: number) {}
  check(model: Readonly<Model>): boolean {
    return model.faults.size > 0;
  }
  async run(model: Model, real: Real): Promise<void> {
    const number = pick([...model.faults.keys()], this.which);
    model.faults.delete(number);
    await real.faults.get(number)?.lift();
  }
  toString(): string {
    return `mend(${this.which})`;
  }
}

/**
 * Sequences of commands on `size` workers.
 *
 * @param replayPath from the comment in a printed counterexample; plays just that one, with its seed and path
 */
export function commandsOf(
  size: number,
  maxCommands: number,
  replayPath?: string,
): fc.Arbitrary<Iterable<Command>> {
  const who = fc.nat({ max: size - 1 });
  const how = fc.constantFrom(...(Object.keys(faults) as (keyof typeof faults)[]));
  return fc.commands(
    [
      who.map((one) => new Say(one)),
      who.map((one) => new Say(one)),
      who.map((one) => new Rename(one)),
      who.map((one) => new Sync(one)),
      fc.tuple(how, who).map(([fault, one]) => new Break(fault, one)),
      fc.nat({ max: 9 }).map((which) => new Mend(which)),
    ],
    { maxCommands, size: "max", ...(replayPath !== undefined && { replayPath }) },
  );
}

function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}
