import { XmtpTestError } from "../../errors.js";
import type { Case, Hook, HookName, Suite } from "./tree.js";

let open: Suite | undefined;

/** The describe whose body runs now; undefined at a file's top level. */
export function openSuite(): Suite | undefined {
  return open;
}

/**
 * Runs a describe's body, which may be async, and then the bodies of those in it. A describe inside another one is
 * collected after the outer body, as vitest does.
 */
export async function collect(suite: Suite): Promise<void> {
  open = suite;
  try {
    await suite.body();
  } finally {
    open = undefined;
  }
  for (const child of suite.children) if (child.kind === "suite") await collect(child);
}

export function addChild(child: Case | Suite): void {
  (open ?? refuse(`"${child.title}"`)).children.push(child);
}

export function addHook(name: HookName, hook: Hook): void {
  (open ?? refuse(name)).hooks[name].push(hook);
}

function refuse(what: string): never {
  throw new XmtpTestError(
    "COMPAT_OUTSIDE",
    `${what} is not in the body of a describe.`,
    "Hooks, and cases that use workers, belong in a describe: its workers live as long as it does.",
  );
}
