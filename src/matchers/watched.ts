import { underWay } from "../async/under-way.js";

/** A matcher that the end of its test knows of: a forgotten `await` is told there. */
export function watched<M>(name: string, matcher: M): M {
  // The same arguments and the same answer: only the compiler cannot see that through generic matchers.
  const run = matcher as unknown as (this: unknown, ...args: unknown[]) => Promise<unknown>;
  const watching = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    return await underWay(`expect(…).${name}(…)`, () => run.apply(this, args));
  };
  return watching as unknown as M;
}
