import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { typeofStream } from "#src/ledger/events.js";
import { parseDescriptor } from "#src/workers/registry/names.js";
import type { WorkerDescriptor } from "#src/workers/registry/names.js";
import type { WorkerRegistry } from "#src/workers/registry/worker-registry.js";
import type { Worker } from "#src/workers/worker.js";
import { same } from "./worker-model.js";

/** Workers of the process outlive a test; those of a test end with it. */
export type Scope = "process" | "test";
type Type = typeofStream.Message | typeofStream.Conversation | typeofStream.Consent;

/** What a model of two registries says; the world it is compared with is a fake SDK, or the real one at nodes. */
export interface RegistryWorld {
  readonly registries: Record<Scope, WorkerRegistry>;
  /** The registry of the next test, which is to be in `registries` then. The one before has been ended. */
  nextTest(): void;
  setUp(up: boolean): Promise<void>;
  /** Compares what is open outside of the registries: at the nodes, on disk. Throws where it differs. */
  check(expected: readonly Alive[]): Promise<void>;
}

export interface Alive {
  readonly scope: Scope;
  readonly worker: Worker;
  /** Undefined: the test's network. */
  readonly url: string | undefined;
  readonly streams: ReadonlySet<Type>;
}

type Call =
  /** `getWorkers`, once per name, side by side. */
  | { readonly do: "get"; readonly scope: Scope; readonly asked: readonly Asked[] }
  | { readonly do: "makeAhead"; readonly scope: Scope; readonly asked: Asked }
  /** The `at`th of the managers there are, or of the workers alive. */
  | { readonly do: "dispose" | "add" | "terminate"; readonly scope: Scope; readonly at: number }
  | { readonly do: "start" | "end"; readonly scope: Scope; readonly at: number; readonly type: Type };

/** `pinned`: to the second node. */
interface Asked {
  readonly name: string;
  readonly pinned: boolean;
}

export type RegistryStep =
  | { readonly atOnce: readonly Call[] }
  | { readonly up: boolean }
  | { readonly nextTest: true }
  /** The test's time is over so many turns of the event loop after these calls. */
  | { readonly during: readonly Call[]; readonly turns: number };

const names: Record<Scope, readonly string[]> = {
  process: ["host", "host-m"],
  test: ["alice", "alice-m", "bob"],
};
const scope = fc.constantFrom<Scope>("process", "test", "test");
const asked = (of: Scope): fc.Arbitrary<Asked> =>
  fc.record({ name: fc.constantFrom(...names[of]), pinned: fc.boolean() });
const at = fc.nat({ max: 5 });
const type = fc.constantFrom<Type>(typeofStream.Message, typeofStream.Conversation, typeofStream.Consent);
const calls = (scopes: fc.Arbitrary<Scope>): fc.Arbitrary<Call> =>
  scopes.chain((of) => {
    const scope = fc.constant(of);
    const list = fc.uniqueArray(asked(of), { minLength: 1, maxLength: 3, selector: ({ name }) => name });
    return fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("get" as const), scope, asked: list }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("makeAhead" as const), scope, asked: asked(of) }) },
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constantFrom("dispose" as const, "add" as const, "terminate" as const),
          scope,
          at,
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constantFrom("start" as const, "end" as const), scope, at, type }),
      },
    );
  });
const some = (scopes: fc.Arbitrary<Scope>): fc.Arbitrary<Call[]> =>
  fc.array(calls(scopes), { minLength: 1, maxLength: 3 });
const step: fc.Arbitrary<RegistryStep> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ atOnce: some(scope) }) },
  { weight: 1, arbitrary: fc.record({ up: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ nextTest: true as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ during: some(fc.constant("test" as const)), turns: fc.nat({ max: 30 }) }),
  },
);
export const registrySteps = (maxLength: number): fc.Arbitrary<RegistryStep[]> =>
  fc.array(step, { minLength: 1, maxLength });

/** What the model knows of one name. */
interface Known {
  readonly url: string | undefined;
  /** Made ahead, and nobody has asked for it since. */
  ahead: boolean;
  /** `refused`: it could not be made; until the end of its step everybody gets that failure. */
  state: "alive" | "ended" | "refused";
  worker?: Worker;
  readonly streams: Set<Type>;
}

/** How a call ended: what it gave, or the code of its error. */
type Outcome = { readonly workers: readonly Worker[] } | { readonly code: string };

/** The whole truth about the two registries. */
class Model {
  up = true;
  readonly known: Record<Scope, Map<string, Known>> = { process: new Map(), test: new Map() };
  readonly managers: Record<Scope, Worker[][]> = { process: [], test: [] };

  alive(scope: Scope): Known[] {
    return [...this.known[scope].values()].filter(({ state }) => state === "alive");
  }

  /** Says what a request for a worker gives, and takes it for done. */
  ask(
    scope: Scope,
    name: string,
    url: string | undefined,
    ahead: boolean,
    fresh: ReadonlySet<Known>,
  ): string | Known {
    const found = this.known[scope].get(name);
    // Who made it ahead is not who asks for it: a refusal waits for whoever does.
    const there =
      found && (found.state === "alive" || (found.state === "refused" && (fresh.has(found) || found.ahead)));
    if (there && (url === undefined || url === found.url)) {
      found.ahead &&= ahead;
      return found.state === "alive" ? found : "WORKER_CREATE";
    }
    if (there && !found.ahead) return "WORKER_CONFLICT";
    const made: Known = { url, ahead, state: this.up ? "alive" : "refused", streams: new Set() };
    this.known[scope].set(name, made);
    return this.up ? made : "WORKER_CREATE";
  }
}

/** Plays the steps in the world and compares it with the model after each. */
export async function playRegistries(
  world: RegistryWorld,
  script: readonly RegistryStep[],
  pinnedUrl: string,
): Promise<void> {
  const model = new Model();
  const end = async (): Promise<void> => {
    await world.registries.test.terminateAll();
    same("failures of a test that is over", world.registries.test.takeFailures().map(String), []);
    model.known.test.clear();
    model.managers.test = [];
    world.nextTest();
  };
  for (const one of script) {
    if ("up" in one) {
      if (model.up !== one.up) await world.setUp(one.up);
      model.up = one.up;
    } else if ("nextTest" in one) await end();
    else if ("during" in one) {
      const all = Promise.all(one.during.map((call) => perform(world, model, call, pinnedUrl)));
      for (let left = one.turns; left > 0; left--) await setImmediate();
      await end();
      for (const outcome of await all) {
        const code = outcome && "code" in outcome ? outcome.code : undefined;
        const known = [
          undefined,
          "WORKER_TERMINATED",
          "WORKER_CREATE",
          "WORKER_CONFLICT",
          "WORKER_OFFLINE",
          "STREAM_START",
        ];
        if (!known.includes(code)) throw new Error(`during the end of a test: ${code}`);
      }
    } else await takeTogether(world, model, one.atOnce, pinnedUrl);
    await compare(world, model);
  }
}

/** The worker or manager that a call is about; undefined when there is none to be about. */
const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

async function perform(
  { registries }: RegistryWorld,
  model: Model,
  call: Call,
  pinnedUrl: string,
): Promise<Outcome | undefined> {
  const registry = registries[call.scope];
  const descriptor = (one: Asked): WorkerDescriptor =>
    parseDescriptor(one.name, one.pinned ? pinnedUrl : undefined);
  const about = "at" in call ? pick(model.alive(call.scope), call.at)?.worker : undefined;
  const act = async (): Promise<readonly Worker[]> => {
    switch (call.do) {
      case "get":
        return await allOf(call.asked.map((one) => registry.get(descriptor(one))));
      case "makeAhead":
        registry.makeAhead(descriptor(call.asked));
        return [];
      case "dispose":
        await registry.terminate(pick(model.managers[call.scope], call.at) ?? []);
        return [];
      case "terminate":
        await about?.terminate();
        return [];
      case "add":
        return about ? [await about.addNewInstallation()] : [];
      case "start":
        await about?.startStream(call.type);
        return [];
      case "end":
        await about?.endStream(call.type);
        return [];
    }
  };
  try {
    return { workers: await act() };
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error) };
  }
}

/** All of them, or the first failure, once all have settled. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

async function takeTogether(
  world: RegistryWorld,
  model: Model,
  together: readonly Call[],
  pinnedUrl: string,
): Promise<void> {
  const before = { process: model.alive("process"), test: model.alive("test") };
  const managers = { process: [...model.managers.process], test: [...model.managers.test] };
  const outcomes = await Promise.all(together.map((call) => perform(world, model, call, pinnedUrl)));
  const fresh = new Set<Known>();
  const endedHere = new Set<Known>();
  together.forEach((call, index) => {
    const outcome = outcomes[index];
    const code = outcome && "code" in outcome ? outcome.code : undefined;
    const workers = outcome && "workers" in outcome ? outcome.workers : [];
    const expect = (may: readonly (string | undefined)[]): void => {
      if (may.includes(code)) return;
      const text = may.map((each) => each ?? "success").join(" or ");
      throw new Error(
        `${JSON.stringify(call)} gave ${code ?? "success"}, expected ${text} (node ${model.up ? "up" : "down"})`,
      );
    };
    const finish = (known: Known | undefined): void => {
      if (known?.state !== "alive") return;
      known.state = "ended";
      known.streams.clear();
      endedHere.add(known);
    };
    const known = "at" in call ? pick(before[call.scope], call.at) : undefined;
    switch (call.do) {
      case "get": {
        const said = call.asked.map((one) => {
          const was = model.known[call.scope].get(one.name);
          const now = model.ask(call.scope, one.name, one.pinned ? pinnedUrl : undefined, false, fresh);
          const entry = model.known[call.scope].get(one.name);
          if (entry && entry !== was) fresh.add(entry);
          return now;
        });
        // Of several refusals any may come first.
        const refusals = said.filter((each) => typeof each === "string");
        expect(refusals.length > 0 ? refusals : [undefined]);
        if (refusals.length > 0) break;
        said.forEach((each, place) => {
          const one = workers[place];
          if (typeof each === "string" || !one) return;
          if (each.worker && each.worker !== one)
            throw new Error(`${one.name} is another worker than before`);
          each.worker = one;
        });
        model.managers[call.scope].push([...workers]);
        break;
      }
      case "makeAhead": {
        expect([undefined]);
        if (model.known[call.scope].has(call.asked.name)) break;
        model.ask(call.scope, call.asked.name, call.asked.pinned ? pinnedUrl : undefined, true, fresh);
        const entry = model.known[call.scope].get(call.asked.name);
        if (entry) fresh.add(entry);
        break;
      }
      case "dispose": {
        expect([undefined]);
        const mine = pick(managers[call.scope], call.at) ?? [];
        for (const each of before[call.scope]) if (each.worker && mine.includes(each.worker)) finish(each);
        break;
      }
      case "terminate":
        expect([undefined]);
        finish(known);
        break;
      case "add": {
        if (!known) break;
        const may = endedHere.has(known) ? ["WORKER_TERMINATED"] : [model.up ? undefined : "WORKER_CREATE"];
        expect(may);
        const [made] = workers;
        if (!made) break;
        const base = known.worker?.name.split("-")[0];
        same("the base name of an installation", made.name.split("-")[0], base);
        if (model.known[call.scope].has(made.name)) throw new Error(`${made.name} was there already`);
        model.known[call.scope].set(made.name, {
          ...{ url: known.url, ahead: false, state: "alive", worker: made, streams: new Set<Type>() },
        });
        break;
      }
      case "start":
        if (!known) break;
        if (endedHere.has(known)) expect(["WORKER_TERMINATED"]);
        else if (model.up || known.streams.has(call.type)) expect([undefined]);
        // A start that is taken back before its turn has nothing to fail at.
        else
          expect(
            together.slice(index).some(({ do: what }) => what === "end")
              ? [undefined, "STREAM_START"]
              : ["STREAM_START"],
          );
        if (code === undefined) known.streams.add(call.type);
        break;
      case "end":
        if (!known) break;
        expect([endedHere.has(known) ? "WORKER_TERMINATED" : undefined]);
        known.streams.delete(call.type);
        break;
    }
  });
  // What was made ahead, or beside what failed, nobody has been given; the registry has it all the same.
  for (const scope of ["process", "test"] as const)
    for (const [name, known] of model.known[scope]) {
      if (known.worker || known.state === "ended") continue;
      const made = await settled(world.registries[scope], name);
      if (known.state === "alive") known.worker = made;
    }
}

/** The worker of this name that was made last, once its client is there or has been refused. */
async function settled(registry: WorkerRegistry, name: string): Promise<Worker> {
  for (;;) {
    const found = registry.made.findLast((worker) => worker.name === name && !worker.ended);
    if (found && (isUsable(found) || /it failed/.test(why(found)))) return found;
    await setImmediate();
  }
}

async function compare(world: RegistryWorld, model: Model): Promise<void> {
  const expected: Alive[] = [];
  for (const scope of ["process", "test"] as const) {
    const registry = world.registries[scope];
    const alive = model.alive(scope);
    same("failures", registry.takeFailures().map(String), []);
    const living = registry.made.filter((worker) => !worker.ended && isUsable(worker));
    const of = (workers: readonly (Worker | undefined)[]): string[] =>
      workers.map((one) => one?.name ?? "?").sort();
    same(`workers of the ${scope}`, of(living), of(alive.map(({ worker }) => worker)));
    for (const { worker, url, streams } of alive) {
      if (!worker) continue;
      if (!living.includes(worker)) throw new Error(`${worker.name} is not the one that was given out`);
      same(`active streams of ${worker.name}`, [...worker.activeStreamTypes].sort(), [...streams].sort());
      const last = new Map<string, string>();
      for (const event of worker.events.streams()) last.set(event.streamType, event.state);
      const told = [...last]
        .filter(([, state]) => !["ended", "failed"].includes(state))
        .map(([each]) => each);
      same(`living streams of ${worker.name} in the ledger`, told.sort(), [...streams].sort());
      expected.push({ scope, worker, url, streams });
    }
  }
  await world.check(expected);
}

const isUsable = (worker: Worker): boolean => why(worker) === "";

/** Why a worker has no client. */
function why(worker: Worker): string {
  try {
    return typeof worker.client === "object" ? "" : "no client";
  } catch (error) {
    return String(error);
  }
}
