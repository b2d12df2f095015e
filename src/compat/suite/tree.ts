/** A function of the suite: a body, a hook, or a case. */
export type Body = () => unknown;

/** What a case is given; vitest's own has more. */
export interface CaseContext {
  /** The case's title. vitest's own has the whole task. */
  readonly task: { readonly name: string };
  /** Leaves the case here and marks it as skipped. */
  skip(note?: string): never;
}

export type Mode = "run" | "skip" | "only" | "todo" | "fails";

export interface Case {
  readonly kind: "case";
  readonly title: string;
  readonly mode: Mode;
  readonly body: (context: CaseContext) => unknown;
  /** Deadline, ms. */
  readonly timeoutMs: number;
}

export type HookName = "beforeAll" | "afterAll" | "beforeEach" | "afterEach";

export interface Hook {
  readonly body: (context?: unknown) => unknown;
  readonly timeoutMs: number;
}

/** A `describe`: collected when it runs, not when its file is loaded. */
export interface Suite {
  readonly kind: "suite";
  readonly title: string;
  readonly mode: Mode;
  readonly body: Body;
  readonly children: (Case | Suite)[];
  readonly hooks: Readonly<Record<HookName, Hook[]>>;
}

export function newSuite(title: string, mode: Mode, body: Body): Suite {
  const hooks = { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
  return { kind: "suite", title, mode, body, children: [], hooks };
}

/** Whether somebody wrote `.only` in this suite or below. */
export function hasOnly(suite: Suite): boolean {
  return suite.children.some((child) => child.mode === "only" || (child.kind === "suite" && hasOnly(child)));
}
