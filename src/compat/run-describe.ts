import type { TestInfo } from "@playwright/test";
import type { base } from "./base-test.js";
import { leaveUnawaited } from "../async/under-way.js";
import { throwTogether, toError } from "../errors.js";
import { FaultQueue } from "./faults.js";
import { People } from "./people.js";
import { inScope } from "./scope.js";
import type { Scope } from "./scope.js";
import { inboxPool } from "./sdk/pool.js";
import { goingOn, unawaited } from "./unawaited.js";
import { runSuite, throwFailures } from "./suite/run.js";
import type { Suite } from "./suite/tree.js";
import { freeNames } from "./workers/names.js";

/** A Playwright test that runs a describe. Its parts have deadlines of their own, so the test has none. */
export function runDescribe(suite: Suite): Parameters<typeof base>[2] {
  return async ({ getWorkers, chaos, inboxes, measure }, testInfo) => {
    testInfo.setTimeout(0);
    freeNames();
    const note = noteIn(testInfo);
    const people = new People();
    const faults = new FaultQueue(note);
    const late: Error[] = [];
    const rejections: unknown[] = [];
    const scope: Scope = {
      getWorkers,
      chaos,
      inboxes,
      people,
      faults,
      note,
      testInfo,
      record: (operation, value, unit, size) =>
        unit === "ms"
          ? measure.record(operation, value, { size })
          : testInfo.annotations.push({
              type: "metric",
              description: `${operation}, size ${size}: ${value} %`,
            }),
      failLater: (error) => late.push(toError(error)),
      poolReady: async () => {
        await inboxes.register(inboxPool);
        for (const { inboxId, address } of inboxPool.all) people.inboxIds.add(inboxId).add(address);
      },
    };
    await inScope(scope, async () => {
      const outcome = await goingOn(
        async () => await runSuite(suite),
        (error) => rejections.push(error),
      );
      await faults.settled();
      // vitest, too, lets go of what is under way when its describe ends.
      leaveUnawaited();
      if (rejections.length > 0) late.push(unawaited(rejections));
      throwFailures(outcome);
      throwTogether([...faults.takeErrors(), ...late]);
    });
  };
}

/** Shows each text once, in the report and in the output. */
function noteIn(testInfo: TestInfo): (text: string) => void {
  const seen = new Set<string>();
  return (text) => {
    if (seen.has(text)) return;
    seen.add(text);
    testInfo.annotations.push({ type: "compat", description: text });
    console.warn(`compat: ${text}`);
  };
}
