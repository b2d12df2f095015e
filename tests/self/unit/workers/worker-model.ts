import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { typeofStream, typeOfSync } from "#src/ledger/events.js";
import type { Worker } from "#src/workers/worker.js";

/** What a model of a worker's life says; the world it is compared with is a fake SDK, or the real one at a node. */
export interface World {
  readonly worker: Worker;
  setUp(up: boolean): Promise<void>;
  /** The SDK gives a live stream up for good. Resolves when it has. */
  giveUp(channel: Channel): Promise<void>;
  /** Compares what is open outside of the worker: at the node, on disk. Throws where it differs. */
  check(expected: { readonly channels: ReadonlySet<Channel>; readonly state: Model["state"] }): Promise<void>;
}

export type Channel = "messages" | "conversations" | "consent";
type Type = Exclude<typeofStream, typeofStream.None>;

const channelOf: Record<Type, Channel> = {
  [typeofStream.Message]: "messages",
  [typeofStream.MessageandResponse]: "messages",
  [typeofStream.GroupUpdated]: "messages",
  [typeofStream.Conversation]: "conversations",
  [typeofStream.Consent]: "consent",
};
const types = Object.keys(channelOf) as unknown as Type[];
const syncs = [typeOfSync.Sync, typeOfSync.SyncAll];

export type Verb =
  | { readonly do: "start" | "end"; readonly type: Type }
  | { readonly do: "startSync" | "endSync"; readonly sync: typeOfSync }
  | { readonly do: "endAll" | "goOffline" | "goOnline" | "reinstall" | "reopen" | "terminate" };

export type Step =
  | { readonly atOnce: readonly Verb[] }
  | { readonly abort: Type }
  | { readonly up: boolean }
  | { readonly giveUp: Channel }
  /** The worker is told to end so many turns of the event loop after the call, as when a test's time is over. */
  | { readonly during: Verb; readonly turns: number };

const type = fc.constantFrom(...types);
const sync = fc.constantFrom(...syncs);
type Plain = "endAll" | "goOffline" | "goOnline" | "reinstall" | "reopen" | "terminate";
const plain = (...names: Plain[]): fc.Arbitrary<Verb> =>
  fc.constantFrom(...names).map((name) => ({ do: name }));
const verb: fc.Arbitrary<Verb> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("start" as const), type }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("end" as const), type }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("startSync" as const, "endSync" as const), sync }),
  },
  { weight: 3, arbitrary: plain("goOffline") },
  { weight: 4, arbitrary: plain("goOnline") },
  { weight: 3, arbitrary: plain("reinstall", "reopen", "endAll") },
  { weight: 1, arbitrary: plain("terminate") },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ atOnce: fc.array(verb, { minLength: 1, maxLength: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ up: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ abort: type }) },
  { weight: 1, arbitrary: fc.record({ during: verb, turns: fc.nat({ max: 20 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ giveUp: fc.constantFrom("messages" as const, "conversations" as const) }),
  },
);
export const steps = (maxLength: number): fc.Arbitrary<Step[]> => fc.array(step, { minLength: 1, maxLength });

/** Undefined: it succeeded. */
type Outcome = string | undefined;

/** What a verb was called together with. */
interface Beside {
  readonly openBefore: ReadonlySet<Channel>;
  readonly later: readonly Verb[];
}

const ends = (one: Verb, type: Type): boolean =>
  one.do === "endAll" || (one.do === "end" && one.type === type);

/** The whole truth about one worker: what its verbs may do, and what they leave. */
export class Model {
  state: "open" | "offline" | "closed" | "ended" = "open";
  up = true;
  /** Active while open; what `goOnline` or `reopen` brings back otherwise. */
  readonly streams = new Set<Type>();
  readonly syncs = new Set<typeOfSync>();

  get channels(): Set<Channel> {
    return new Set([...(this.state === "open" ? this.streams : [])].map((one) => channelOf[one]));
  }

  /** Takes one verb of several called at once, in their order, with how it ended. */
  take(one: Verb, outcome: Outcome, beside: Beside): void {
    if (one.do === "terminate") return this.#expect(one, outcome, [undefined], () => (this.state = "ended"));
    if (this.state === "ended") return this.#expect(one, outcome, ["WORKER_TERMINATED"]);
    switch (one.do) {
      case "start": {
        if (this.state !== "open") return this.#expect(one, outcome, ["WORKER_OFFLINE"]);
        const add = (): unknown => this.streams.add(one.type);
        if (this.up || this.streams.has(one.type)) return this.#expect(one, outcome, [undefined], add);
        // Joining a stream that is open needs no node; whether it was still open depends on what was called beside.
        // A start that is taken back before its turn has nothing to fail at.
        const unsure =
          beside.openBefore.has(channelOf[one.type]) || beside.later.some((each) => ends(each, one.type));
        return this.#expect(one, outcome, unsure ? [undefined, "STREAM_START"] : ["STREAM_START"], add);
      }
      case "end":
        return this.#expect(one, outcome, [undefined], () => this.streams.delete(one.type));
      case "endAll":
        return this.#expect(one, outcome, [undefined], () => this.streams.clear());
      case "startSync": {
        if (this.state !== "open") return this.#expect(one, outcome, ["WORKER_OFFLINE"]);
        const may = this.up || this.syncs.has(one.sync) ? [undefined] : ["failed"];
        return this.#expect(one, outcome, may, () => this.syncs.add(one.sync));
      }
      case "endSync":
        return this.#expect(one, outcome, [undefined], () => this.syncs.delete(one.sync));
      case "goOffline":
        return this.#expect(
          one,
          outcome,
          [this.state === "open" ? undefined : "WORKER_OFFLINE"],
          () => (this.state = "offline"),
        );
      case "goOnline": {
        if (this.state === "open") return this.#expect(one, outcome, [undefined]);
        if (this.state === "closed") return this.#expect(one, outcome, ["WORKER_OFFLINE"]);
        return this.#expect(one, outcome, [this.#resumes()], () => (this.state = "open"));
      }
      case "reinstall":
        this.streams.clear();
        this.syncs.clear();
        this.state = this.up ? "open" : "closed";
        return this.#expect(one, outcome, [this.up ? undefined : "WORKER_CREATE"]);
      case "reopen":
        this.state = this.up ? "open" : "closed";
        return this.#expect(one, outcome, [this.up ? undefined : "WORKER_CREATE"]);
    }
  }

  lose(channel: Channel): void {
    for (const one of [...this.streams]) if (channelOf[one] === channel) this.streams.delete(one);
  }

  #resumes(): Outcome {
    if (this.up || this.streams.size + this.syncs.size === 0) return undefined;
    return this.streams.size > 0 ? "STREAM_START" : "failed";
  }

  #expect(one: Verb, outcome: Outcome, may: readonly Outcome[], then?: () => unknown): void {
    const known = may.includes("failed") && outcome !== undefined ? "failed" : outcome;
    if (!may.includes(known)) {
      throw new Error(
        `${JSON.stringify(one)} ${outcome ?? "succeeded"}, expected ${may.map((each) => each ?? "success").join(" or ")} (${this.state}, node ${this.up ? "up" : "down"})`,
      );
    }
    if (outcome === undefined) then?.();
  }
}

interface Called {
  readonly outcome: Outcome;
  /** The error's own text, for whoever reads that it was not expected. */
  readonly text: string;
}

async function call(worker: Worker, one: Verb): Promise<Called> {
  const verbs: Record<Verb["do"], () => Promise<void>> = {
    start: () => worker.startStream((one as { type: Type }).type),
    end: () => worker.endStream((one as { type: Type }).type),
    startSync: () => worker.startSync((one as { sync: typeOfSync }).sync, 3_600_000),
    endSync: () => worker.endSync((one as { sync: typeOfSync }).sync),
    endAll: () => worker.endStream(),
    goOffline: () => worker.goOffline(),
    goOnline: () => worker.goOnline(),
    reinstall: () => worker.reinstall(),
    reopen: () => worker.reopen(),
    terminate: () => worker.terminate(),
  };
  try {
    await verbs[one.do]();
    return { outcome: undefined, text: "" };
  } catch (error) {
    return { outcome: (error as { code?: string }).code ?? String(error), text: String(error) };
  }
}

/** Plays the steps in the world and compares it with the model after each. */
export async function play(world: World, script: readonly Step[]): Promise<Model> {
  const model = new Model();
  const { worker } = world;
  for (const one of script) {
    if ("up" in one) {
      if (model.up !== one.up) await world.setUp(one.up);
      model.up = one.up;
    } else if ("abort" in one) {
      if (model.state === "open") {
        worker.streamControllers.get(one.abort)?.abort();
        model.streams.delete(one.abort);
        await worker.endStream(one.abort);
      }
    } else if ("during" in one) {
      const called = call(worker, one.during);
      for (let left = one.turns; left > 0; left--) await setImmediate();
      await worker.terminate();
      const { outcome, text } = await called;
      const may = [undefined, "WORKER_TERMINATED", "WORKER_OFFLINE", "WORKER_CREATE", "STREAM_START"];
      if (model.up && !may.includes(outcome)) throw new Error(`${one.during.do} during the end: ${text}`);
      model.state = "ended";
    } else if ("giveUp" in one) {
      if (model.channels.has(one.giveUp)) {
        await world.giveUp(one.giveUp);
        model.lose(one.giveUp);
        const codes = worker.takeFailures().map((error) => (error as { code?: string }).code);
        if (codes.length !== 1 || codes[0] !== "BACKGROUND_FAILURE")
          throw new Error(`a stream that gave up left ${JSON.stringify(codes)}, not one BACKGROUND_FAILURE`);
        // Whatever is called next waits until nothing of it is left.
        await Promise.all(
          types.filter((each) => channelOf[each] === one.giveUp).map((each) => worker.endStream(each)),
        );
      }
    } else {
      const openBefore = model.channels;
      const called = await Promise.all(one.atOnce.map((each) => call(worker, each)));
      try {
        one.atOnce.forEach((each, at) =>
          model.take(each, called[at]?.outcome, { openBefore, later: one.atOnce.slice(at + 1) }),
        );
      } catch (error) {
        const told = called.flatMap(({ text }) => (text === "" ? [] : [text]));
        throw new Error([(error as Error).message, ...told].join("\n"), { cause: error });
      }
    }
    await compare(world, model);
  }
  return model;
}

function isUsable(worker: World["worker"]): boolean {
  try {
    return Boolean(worker.client);
  } catch {
    return false;
  }
}

async function compare(world: World, model: Model): Promise<void> {
  const { worker } = world;
  const open = model.state === "open";
  same("active streams", [...worker.activeStreamTypes].sort(), open ? [...model.streams].sort() : []);
  same("controllers", [...worker.streamControllers.keys()].sort(), open ? [...model.streams].sort() : []);
  same("active syncs", [...worker.activeSyncTypes].sort(), open ? [...model.syncs].sort() : []);
  same("background failures", worker.takeFailures().map(String), []);
  same("client usable", isUsable(worker), open);
  const live = new Map<string, string>();
  for (const event of worker.events.streams()) live.set(event.streamType, event.state);
  const living = [...live].filter(([, state]) => !["ended", "failed"].includes(state)).map(([one]) => one);
  same("living streams in the ledger", living.sort(), open ? [...model.streams].sort() : []);
  await world.check({ channels: model.channels, state: model.state });
}

export function same(what: string, found: unknown, expected: unknown): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw new Error(`${what}: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
}
