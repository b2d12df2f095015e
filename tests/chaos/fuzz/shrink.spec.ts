/** The fuzzer proves itself: a seeded defect is found, shrunk, and found again from its seed and path. */
import fc from "fast-check";
import { expect, test } from "playwright-xmtp";
import type { Chaos, Fault, Worker } from "playwright-xmtp";
import { commandsOf } from "./model.js";
import type { Model, Real } from "./model.js";

/** Workers and chaos without a network, which only write down what was asked of them. */
function pretend(log: string[]): { model: Model; real: Real } {
  const fault = { lift: () => Promise.resolve(void log.push("lift")) } as unknown as Fault;
  const chaos = new Proxy({} as unknown as Chaos, {
    get: (_target, verb) => (who: Worker) => {
      log.push(`${String(verb)} ${who.name}`);
      return Promise.resolve(fault);
    },
  });
  const names = ["alice", "bob"];
  const conversation = { sendText: () => Promise.resolve(""), updateName: () => Promise.resolve() };
  const conversations = {
    getConversationById: () => Promise.resolve(conversation),
    syncAll: () => Promise.resolve(),
  };
  const workers = names.map((name) => ({ name, client: { conversations } }) as unknown as Worker);
  const model = { names, faults: new Map<number, never>(), nextFault: 1 };
  return { model, real: { chaos, group: "g", workers, faults: new Map(), background: [], sends: 0 } };
}

/** The defect: a stall of bob after alice was cut, and cut no more. */
const property = (replayPath?: string) =>
  fc.asyncProperty(commandsOf(2, 30, replayPath), async (commands) => {
    const log: string[] = [];
    const setup = pretend(log);
    await fc.asyncModelRun(() => setup, commands);
    await Promise.all(setup.real.background);
    const since = log.slice(log.indexOf("cut alice"));
    return since[0] !== "cut alice" || !since.includes("lift") || !since.includes("stall bob");
  });

/** The verbs of a printed sequence, and how it is played again. */
function read(report: string): { readonly verbs: readonly string[]; readonly replayPath: string } {
  const [, sequence = ""] = /Counterexample: \[([^/\n]*?) ?\/\*/.exec(report) ?? [];
  const [, replayPath = ""] = /replayPath="([^"]*)"/.exec(report) ?? [];
  return { verbs: sequence.split(",").map((command) => command.replace(/\(\d\)$/, "")), replayPath };
}

test("a seeded defect is shrunk to the commands that matter, and replayed as printed", async () => {
  const found = await fc.check(property(), { seed: 1, numRuns: 500 });
  expect(found.failed).toBe(true);
  const { verbs, replayPath } = read(fc.defaultReportMessage(found) ?? "");
  expect([...verbs].sort()).toEqual(["cut", "mend", "stall"]);
  const again = await fc.check(property(replayPath), {
    seed: found.seed,
    path: found.counterexamplePath ?? "",
    endOnFailure: true,
  });
  expect(again.failed).toBe(true);
  expect(read(fc.defaultReportMessage(again) ?? "").verbs).toEqual(verbs);
});
