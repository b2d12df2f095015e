import { XmtpTestError, throwTogether, toError } from "../../errors.js";
import type { ToxiproxyControl } from "../../toxiproxy/index.js";
import type { ChaosNode } from "../node/chaos-node.js";

/** Lifts and closes what a test left at the node. @param kept clients that outlive the test @throws XmtpTestError `CHAOS_LEAK` */
export async function checkNodeLeaks(node: ChaosNode, kept: ReadonlySet<string>): Promise<void> {
  const faults = await node.faults();
  const ports = (await node.clientPorts()).filter((client) => !kept.has(client));
  if (faults.length + ports.length === 0) return;
  await Promise.all([
    ...faults.map(({ id }) => node.liftFault(id)),
    ...ports.map((client) => node.closeClientPort(client)),
  ]);
  const left = [...faults.map(({ what }) => what), ...ports.map((client) => `port of ${client}`)];
  throw new XmtpTestError(
    "CHAOS_LEAK",
    `The node still has faults or ports of this test (${left.join(", ")}).`,
    "Make and lift faults through `chaos` or `network` only.",
  );
}

/** Sweeps what a test left on the Toxiproxy server. @param kept proxies that outlive the test @throws XmtpTestError `CHAOS_LEAK` */
export async function checkProxyLeaks(control: ToxiproxyControl, kept: ReadonlySet<string>): Promise<void> {
  const { proxies, toxics } = control.leaks();
  const unknown = await control.sweep();
  const left = [...proxies.filter((name) => !kept.has(name)), ...toxics, ...unknown];
  if (left.length === 0) return;
  throw new XmtpTestError(
    "CHAOS_LEAK",
    `Toxiproxy still has proxies or toxics of this test (${left.join(", ")}).`,
    "Lift and remove through `chaos` only.",
  );
}

/** Waits for all, then throws what failed. */
export async function together(work: readonly (Promise<void> | undefined)[]): Promise<void> {
  const results = await Promise.allSettled(work.filter((one) => one !== undefined));
  throwTogether(results.flatMap((one) => (one.status === "rejected" ? [toError(one.reason)] : [])));
}
