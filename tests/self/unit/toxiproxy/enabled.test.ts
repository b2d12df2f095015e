import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Proxy } from "toxiproxy-node-client";
import { ControlledProxy } from "../../../../src/toxiproxy/control/proxy.js";

/** A server that serves calls when it likes, in any order, and refuses some. */
class Server {
  enabled = true;
  readonly #scheduler: fc.Scheduler;
  readonly #refused: readonly boolean[];
  #calls = 0;

  constructor(scheduler: fc.Scheduler, refused: readonly boolean[]) {
    this.#scheduler = scheduler;
    this.#refused = refused;
  }

  get proxy(): Proxy {
    const { enabled } = this;
    const update = async (asked: { enabled: boolean }): Promise<Proxy> => {
      const refuse = this.#refused[this.#calls++] === true;
      await this.#scheduler.schedule(Promise.resolve(), String(asked.enabled));
      if (refuse) throw new Error("refused");
      this.enabled = asked.enabled;
      return this.proxy;
    };
    return { name: "p", enabled, listen: "", upstream: "", update } as unknown as Proxy;
  }
}

const reach = { host: "127.0.0.1", port: 1 };
const asked = fc.array(fc.record({ enabled: fc.boolean(), refused: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

describe("setEnabled", () => {
  it("calls at once take effect in the order they were made, whatever fails among them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), asked, async (scheduler, calls) => {
        const refused = calls.map((call) => call.refused);
        const server = new Server(scheduler, refused);
        const proxy = new ControlledProxy(server.proxy, reach, { deletesAny: true }, () => undefined);
        const made = Promise.allSettled(calls.map(({ enabled }) => proxy.setEnabled(enabled)));
        const results = await scheduler.waitFor(made);
        expect(results.map(({ status }) => status === "rejected")).toEqual(refused);
        const last = calls.filter((call) => !call.refused).at(-1)?.enabled ?? true;
        expect([server.enabled, proxy.enabled]).toEqual([last, last]);
      }),
      { numRuns: 500 },
    );
  });

  it("the server of this test does serve in another order where it can", async () => {
    const outcomes = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const server = new Server(scheduler, []);
        const { proxy } = server;
        const calls = [false, true].map((enabled) => proxy.update({ enabled, listen: "", upstream: "" }));
        await scheduler.waitFor(Promise.all(calls));
        outcomes.add(server.enabled);
      }),
    );
    expect(outcomes.size).toBe(2);
  });
});
