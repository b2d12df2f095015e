import { typeofStream, typeOfSync } from "../../../fixtures/index.js";
import { XmtpTestError } from "../../errors.js";
import { readDescriptor } from "../people.js";
import type { Descriptor } from "../people.js";
import { scope } from "../scope.js";
import { WorkerManager } from "./manager.js";
import { getFixedNames, getRandomNames } from "./names.js";
import { findVersion, nodeVersionOptions } from "./versions.js";
import { Worker } from "./worker.js";

/** What the suites' own `getWorkers` takes beside names. */
export interface GetWorkersOptions {
  /** The network is the config's (`xmtpEnv`): another one is noted, not used. */
  readonly env?: string;
  /** SDK version, or version of the bindings; it must be installed (`SDK_VERSION`). */
  readonly nodeSDK?: string;
  /** Version of the bindings; `nodeSDK` goes before it. */
  readonly nodeBindings?: string;
  /** The oldest name of the same; the other two go before it. */
  readonly nodeVersion?: string;
  /** A number gives fresh people on each call; with false, always bob, alice and so on. Default true. */
  readonly randomNames?: boolean;
  /** Ignored: versions come from the names. */
  readonly useVersions?: boolean;
}

const knownOptions = new Set(["env", "nodeSDK", "nodeBindings", "nodeVersion", "randomNames", "useVersions"]);

/**
 * Workers of this describe, each made once: the same name gives the same worker, where the suites' own makes a second
 * client on the same database. A map of names to node URLs says who shares a node; the faults of `DockerContainer` act
 * by it. The URLs themselves are not used: there is one embedded node, which every pinned worker reaches by a line.
 *
 * @param options options, or the test's name
 * @param more the network's name. Suites of before the framework went on demand name streams and syncs behind the
 *   test's name: they are started
 * @throws XmtpTestError `COMPAT_OUTSIDE`, `COMPAT_REFUSED`, and what the fixture `getWorkers` throws
 */
export async function getWorkers(
  workers: readonly string[] | Readonly<Record<string, string>> | number,
  options: GetWorkersOptions | string = {},
  ...more: readonly (string | undefined)[]
): Promise<WorkerManager> {
  const running = scope("getWorkers");
  const words = more.filter((one) => one !== undefined);
  const env = words.find((one) => !isStream(one) && !isSync(one));
  const given = typeof options === "string" ? (env === undefined ? {} : { env }) : options;
  checkOptions(given);
  if (given.env !== undefined) noteEnv(given.env);
  const asked = read(workers, given);
  for (const { descriptor, url } of asked) {
    const name = running.people.workerName(descriptor);
    if (url !== undefined) running.people.pinned.set(plain(name), portOf(url));
    else if (!running.people.made.has(name)) goDirect(plain(name));
  }
  const names = asked.map(({ descriptor }) => running.people.workerName(descriptor));
  const starts = new Map<string, number>();
  await Promise.all(
    names.map(async (name) => {
      const started = performance.now();
      await running.getWorkers([name]);
      running.people.made.add(name);
      starts.set(name, performance.now() - started);
    }),
  );
  const native = await running.getWorkers(names);
  const made = asked.map(({ descriptor }, at) => {
    const name = names[at] ?? "";
    const real = native.get(name);
    real.worker.tolerate(/./);
    running.people.inboxIds.add(real.inboxId).add(real.address);
    return new Worker(real, descriptor, starts.get(name) ?? 0);
  });
  const manager = new WorkerManager(native, made);
  await Promise.all(words.filter(isStream).map((type) => manager.startStream(type)));
  for (const type of words.filter(isSync))
    await Promise.all(made.map(({ worker }) => worker.startSync(type)));
  return manager;
}

const isStream = (word: string): word is typeofStream =>
  (Object.values(typeofStream) as string[]).includes(word);

const isSync = (word: string): word is typeOfSync => (Object.values(typeOfSync) as string[]).includes(word);

/** Nobody puts faults on a worker that is pinned to no node: it and its further installations need no proxy. */
function goDirect(name: string): void {
  const { chaos } = scope("getWorkers");
  const [base = ""] = name.split("-");
  for (const one of [name, ...Array.from("bcdefghijk", (letter) => `${base}-${letter}`)]) {
    try {
      chaos.direct(one);
    } catch (error) {
      // Behind a proxy already, which serves as well.
      if (!(error instanceof XmtpTestError && error.code === "CHAOS_ORDER")) throw error;
    }
  }
}

interface Asked {
  readonly descriptor: Descriptor;
  readonly url?: string;
}

function read(
  workers: readonly string[] | Readonly<Record<string, string>> | number,
  options: GetWorkersOptions,
): Asked[] {
  const version = versionOf(options);
  const one = (text: string, url?: string): Asked => {
    const descriptor = readDescriptor(text);
    const sdkVersion = descriptor.sdkVersion ?? version;
    return { descriptor: { ...descriptor, sdkVersion }, ...(url !== undefined && { url }) };
  };
  if (typeof workers === "number") {
    const names = options.randomNames === false ? getFixedNames(workers) : getRandomNames(workers);
    return names.map((name) => one(name));
  }
  if (isList(workers)) return workers.map((name) => one(name));
  return Object.entries(workers).map(([name, url]) => one(name, url));
}

const isList = (value: unknown): value is readonly string[] => Array.isArray(value);

/** The version asked for; undefined for the project's own. @throws XmtpTestError `SDK_VERSION` */
function versionOf({ nodeSDK, nodeBindings, nodeVersion }: GetWorkersOptions): string | undefined {
  const wanted = nodeSDK ?? nodeBindings ?? nodeVersion;
  if (wanted === undefined) return undefined;
  const found = findVersion(wanted)?.nodeSDK ?? wanted;
  return found === nodeVersionOptions()[0] ? undefined : found;
}

function checkOptions(options: object): void {
  const odd = Object.keys(options).filter((name) => !knownOptions.has(name));
  if (odd.length === 0) return;
  throw new XmtpTestError(
    "COMPAT_REFUSED",
    `getWorkers was given ${odd.map((name) => `"${name}"`).join(", ")}.`,
    `It knows ${[...knownOptions].join(", ")}.`,
  );
}

function noteEnv(env: string): void {
  const running = scope("getWorkers");
  running.note(`getWorkers was asked for the network "${env}"; the config's is used (xmtpEnv).`);
}

/** The worker's name as its manager has it: without the version, and without the letter of a first installation. */
function plain(name: string): string {
  const [base = "", letter = "a"] = name.split("-");
  return letter === "a" ? base : `${base}-${letter}`;
}

function portOf(url: string): number {
  const port = Number(new URL(url).port);
  return Number.isInteger(port) && port > 0 ? port : 80;
}
