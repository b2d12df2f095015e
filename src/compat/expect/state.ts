/** What `expect.getState()` says of the running case. */
export interface ExpectState {
  /** Describes and case, joined by " > "; undefined outside of a case. */
  readonly currentTestName: string | undefined;
  /** Calls of `expect` in this case so far; those of its `beforeEach` hooks do not count. */
  readonly assertionCalls: number;
}

let name: string | undefined;
let calls = 0;
let wanted: number | "some" | undefined;

export function setCase(title: string | undefined): void {
  name = title;
}

export function state(): ExpectState {
  return { currentTestName: name, assertionCalls: calls };
}

export function startAssertions(): void {
  calls = 0;
  wanted = undefined;
}

export function countAssertion(): void {
  calls += 1;
}

export function wantAssertions(count: number | "some"): void {
  wanted = count;
}

/** @throws Error when the case made fewer or more assertions than it said */
export function endAssertions(): void {
  const good = wanted === undefined || (wanted === "some" ? calls > 0 : calls === wanted);
  if (!good)
    throw new Error(`Expected ${wanted === "some" ? "at least one" : wanted} assertions, got ${calls}.`);
}
