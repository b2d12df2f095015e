import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentPlace, tellEnvironmentPlace } from "../environment.js";
import { connectNetwork, startNode } from "../network/index.js";
import type { EmbeddedNode, XmtpNetwork } from "../network/index.js";
import { TestLedger } from "../ledger/ledger.js";
import { parseWorkerNames } from "./registry/names.js";
import type { WorkerNames } from "./registry/names.js";
import { loadSdk } from "./client/lazy-sdk.js";
import { withoutSteps } from "../steps.js";
import { checkArguments } from "./registry/arguments.js";
import { checkOptionObject, resolveDefaults } from "./registry/worker-defaults.js";
import type { WorkerDefaults } from "./registry/worker-defaults.js";
import { WorkerManager } from "./worker-manager.js";
import type { Workers } from "./worker-manager.js";
import { WorkerRegistry } from "./registry/worker-registry.js";

/** Options of the exported {@link getWorkers}; its fixture takes the test's own. Every field is optional. */
export interface GetWorkersOptions {
  /** How the workers behave, as the test option `workerDefaults`; `names` means nothing here. */
  readonly defaults?: WorkerDefaults;
  /** Drives `getReceiver` and `getRandomWorkers`. Default: `testName`, else the empty string. */
  readonly seed?: number | string;
}

/**
 * Workers for a script or a `beforeAll`; in tests, prefer the fixture of the same name.
 *
 * @param names names, a number of workers, or a map of names to node URLs
 * @param testName the default seed of `getReceiver` and `getRandomWorkers`
 * @param env `embedded` (a separate node that ends with the workers), `local`, `dev`, `production`, or a node's URL.
 *   Default: the gateway at `XMTP_GATEWAY_HOST`, else `XMTP_API_URL`, else `XMTP_ENV`, else `embedded`;
 *   these variables can only select a public network with `XMTP_ALLOW_PUBLIC=1`
 * @returns a manager that must be ended: `await using workers = await getWorkers(…)`, or `terminateAll()`
 * @throws XmtpTestError `INVALID_NAME`, `INVALID_OPTION`, `DUPLICATE_WORKER`, `BAD_URL`, `NODE_UNREACHABLE`, `WORKER_CREATE`
 */
export async function getWorkers<const N extends WorkerNames>(
  names: N,
  testName?: string,
  env?: string,
  options?: GetWorkersOptions,
): Promise<Workers<N>>;
export async function getWorkers(
  names: WorkerNames,
  testName?: string,
  env?: string,
  options: GetWorkersOptions = {},
  ...more: unknown[]
): Promise<WorkerManager> {
  checkArguments({ testName, env }, more);
  checkOptionObject("getWorkers' fourth argument", options, new Set(["defaults", "seed"]));
  const descriptors = parseWorkerNames(names);
  const defaults = resolveDefaults(options.defaults);
  const { network, node } = await openNetwork(env);
  const folder = await mkdtemp(join(tmpdir(), "playwright-xmtp-"));
  const ledger = new TestLedger();
  const registry = new WorkerRegistry({
    ledger,
    network,
    defaults,
    folder,
    step: withoutSteps,
    loadSdk,
    route: (_worker, place) => Promise.resolve(place),
  });
  let ended: Promise<void> | undefined;
  const terminate = (): Promise<void> => (ended ??= end(registry, node, folder));
  try {
    const workers = await Promise.all(descriptors.map((descriptor) => registry.get(descriptor)));
    return new WorkerManager({
      workers,
      asked: descriptors.map(({ asked }) => asked),
      ledger,
      seed: options.seed ?? testName ?? "",
      step: withoutSteps,
      terminate,
    });
  } catch (error) {
    await terminate();
    throw error;
  }
}

async function openNetwork(env: string | undefined): Promise<{ network: XmtpNetwork; node?: EmbeddedNode }> {
  const given = environmentPlace();
  if (env === undefined) tellEnvironmentPlace();
  if (env === undefined && given.gatewayUrl !== undefined) {
    const name = given.env === "embedded" ? "local" : given.env;
    return { network: await connectNetwork({ env: name, gatewayUrl: given.gatewayUrl }) };
  }
  const place = env ?? given.apiUrl ?? given.env;
  if (place === "embedded") {
    const node = await startNode();
    return { network: node, node };
  }
  const network = place.includes("://") ? { env: "local", url: place } : { env: place };
  return { network: await connectNetwork(network) };
}

async function end(registry: WorkerRegistry, node: EmbeddedNode | undefined, folder: string): Promise<void> {
  try {
    await registry.terminateAll();
    const [failure] = registry.takeFailures();
    if (failure) throw failure;
  } finally {
    await node?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
