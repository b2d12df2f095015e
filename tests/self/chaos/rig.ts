import { test as base } from "@playwright/test";
import { Chaos, Lines } from "#src/chaos/index.js";
import type { ChaosOptions, Plan } from "#src/chaos/index.js";
import { startNode } from "#src/network/index.js";
import type { EmbeddedNode } from "#src/network/index.js";
import { startToxiproxy } from "#src/toxiproxy/index.js";
import type { EmbeddedToxiproxy, ToxiproxyControl } from "#src/toxiproxy/index.js";
import { TestLedger } from "#src/ledger/ledger.js";
import { withoutSteps } from "#src/steps.js";

/** Chaos with lines of two names that have no client: what the verbs do and say, without any SDK. */
export interface Rig {
  readonly chaos: Chaos;
  readonly lines: Lines;
  readonly ledger: TestLedger;
  /** Texts of the plans announced so far. */
  readonly plans: readonly string[];
  readonly options: ChaosOptions;
}

interface RigFixtures {
  rig: Rig;
  /** The same, but its server takes every order and does nothing. */
  deafRig: Rig;
}

interface Servers {
  node: EmbeddedNode;
  toxiproxy: EmbeddedToxiproxy;
}

async function makeRig(node: EmbeddedNode, control: ToxiproxyControl, known = true): Promise<Rig> {
  const lines = new Lines({ control: () => Promise.resolve(control), node: known ? node : undefined });
  const ledger = new TestLedger();
  const plans: string[] = [];
  const announce = (_plan: Plan, text: string): Promise<void> => Promise.resolve(void plans.push(text));
  const options = {
    lines,
    node,
    ledger,
    step: withoutSteps,
    seed: "rig",
    profile: {},
    announce,
    planFile: "",
  };
  const chaos = new Chaos(options);
  await chaos.route("alice", node);
  await chaos.route("bob", node);
  return { chaos, lines, ledger, plans, options };
}

/** Answers as if it had done what it was asked. */
function deafen(control: ToxiproxyControl): ToxiproxyControl {
  const create = control.createProxy.bind(control);
  return Object.assign(control, {
    createProxy: async (name: string, upstream: string) =>
      Object.assign(await create(name, upstream), {
        addToxic: () => Promise.resolve("ignored"),
        setEnabled: () => Promise.resolve(),
      }),
  });
}

export const test = base.extend<RigFixtures & Servers>({
  node: async ({}, use) => {
    await using node = await startNode();
    await use(node);
  },
  toxiproxy: async ({}, use) => {
    await using toxiproxy = await startToxiproxy();
    await use(toxiproxy);
  },
  rig: async ({ node, toxiproxy }, use) => {
    const rig = await makeRig(node, toxiproxy.control());
    await use(rig);
    await rig.chaos.liftAll();
    await rig.lines.removeAll();
    await rig.lines.checkLeaks();
  },
  deafRig: async ({ node, toxiproxy }, use) => {
    const rig = await makeRig(node, deafen(toxiproxy.control({ prefix: "deaf" })), false);
    await use(rig);
    await rig.lines.removeAll();
  },
});

export { expect } from "@playwright/test";
