import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { variable } from "../../environment.js";
import { XmtpTestError } from "../../errors.js";
import { loadSdk } from "../../workers/client/lazy-sdk.js";
import { writeBlob } from "../measuring/blob.js";
import { Meter } from "../measuring/meter.js";
import type { ArtilleryEvents } from "../measuring/meter.js";
import { checkRun } from "../population/message.js";
import { Population } from "../population/population.js";
import { readShard, usersOf } from "../population/shard.js";
import type { Shard } from "../population/shard.js";
import { LoadUser } from "../users/load-user.js";
import type { UserSession } from "../users/session.js";
import { Claims } from "./claims.js";
import { scratchFolder } from "./scratch.js";
import { linesOf, networkOf } from "./place.js";
import { checkSettings } from "./settings.js";

/** Variables of a virtual user, as Artillery hands them to its steps. */
export interface ArtilleryVariables {
  /** The node's URL, from the script's `config.target`; `XMTP_API_URL` goes before it. */
  readonly target?: string;
  /** `config.variables.xmtp`; checked before it is used. */
  readonly xmtp?: unknown;
  /** Set by the step `prepare`. */
  xmtpRun?: string;
}

/** How often memory is looked at, ms. */
const memoryMs = 2_000;
/** The least time between two writings of the blob while users are at work, ms. */
const writeMs = 5_000;

/** All virtual users of one Artillery thread, and what it leaves behind when it ends. */
export class LoadProcess {
  readonly shard: Shard;
  readonly #session: UserSession;
  readonly #claims: Claims;
  readonly #users = new Map<string, LoadUser>();
  readonly #all: LoadUser[] = [];
  #peakMemoryMb = 0;
  #written = 0;

  private constructor(session: UserSession, shard: Shard) {
    this.#session = session;
    this.shard = shard;
    const claims = join(scratchFolder(session.run, shard), "claims");
    this.#claims = new Claims(claims, usersOf(shard, session.settings.users));
    const memory = setInterval(() => this.#lookAtMemory(), memoryMs);
    memory.unref();
  }

  /** @throws XmtpTestError for what keeps all users from starting */
  static async start(variables: ArtilleryVariables): Promise<LoadProcess> {
    const settings = checkSettings(variables.xmtp);
    const shard = readShard(variable("XMTP_LOAD_SHARD") ?? "1/1");
    const run = runOf(variables);
    const seed = variable("XMTP_SEED") ?? "xmtp";
    const network = await networkOf(variables.target);
    const { users, groups, groupSize, dms } = settings;
    const folder = join(scratchFolder(run, shard), `users-${threadId}`);
    mkdirSync(folder, { recursive: true });
    const session = {
      run,
      seed,
      settings,
      population: new Population({ seed, run, users, groups, groupSize, dms }),
      meter: new Meter(),
      sdk: await loadSdk(),
      networkOf: linesOf(network, seed, settings.lineShare),
      folder,
    };
    return new LoadProcess(session, shard);
  }

  /**
   * The user of a virtual user; a new one takes the next number. Undefined for those who arrive when the shard's share of
   * the population is taken: rates of arrival seldom add up to it.
   */
  user(id: string, events: ArtilleryEvents): LoadUser | undefined {
    const known = this.#users.get(id);
    if (known) return known;
    this.#session.meter.announce(events);
    const number = this.#claims.take();
    if (number === undefined) return undefined;
    const made = new LoadUser(this.#session, number, events);
    this.#users.set(id, made);
    this.#all.push(made);
    return made;
  }

  /** Called when a user has signed up: memory per user is a figure of the run. */
  measureMemory(events: ArtilleryEvents): void {
    const alive = this.#all.filter((user) => user.alive).length;
    this.#lookAtMemory();
    const megabytes = process.memoryUsage.rss() / 1_000_000;
    this.#session.meter.record(events, "xmtp.memory_mb_per_user", megabytes / Math.max(1, alive));
  }

  /**
   * A user has ended. Artillery gives its threads no time at the end of a run, so what they leave behind is written
   * whenever nobody is left, and while users are still at work every now and then.
   */
  ended(id: string): void {
    this.#users.delete(id);
    if (this.#users.size === 0 || performance.now() - this.#written > writeMs) this.#write();
  }

  #lookAtMemory(): void {
    this.#peakMemoryMb = Math.max(this.#peakMemoryMb, process.memoryUsage.rss() / 1_000_000);
  }

  #write(): void {
    this.#lookAtMemory();
    this.#written = performance.now();
    const { run, seed, sdk, settings, meter } = this.#session;
    const output = variable("XMTP_LOAD_FOLDER");
    if (output === undefined) return;
    const { user, system } = process.cpuUsage();
    writeBlob(output, `shard-${this.shard.current}-of-${this.shard.total}-${process.pid}-${threadId}`, {
      kind: "users",
      version: 1,
      run,
      seed,
      shard: this.shard,
      pid: process.pid,
      sdk: `${sdk.version} (bindings ${sdk.bindingsVersion})`,
      cpuMs: (user + system) / 1000,
      peakMemoryMb: this.#peakMemoryMb,
      population: {
        users: settings.users,
        groups: settings.groups,
        groupSize: settings.groupSize,
        dms: settings.dms,
      },
      slices: meter.slices,
      users: this.#all.map((one) => one.record),
    });
  }
}

/** @throws XmtpTestError `INVALID_OPTION` where it is not known which run this is */
export function runOf(variables: ArtilleryVariables): string {
  const run = variable("XMTP_LOAD_RUN") ?? variables.xmtpRun;
  if (run !== undefined) return checkRun(run);
  throw new XmtpTestError(
    "INVALID_OPTION",
    "This load run has no name.",
    "Add `before: { flow: [{ function: prepare }] }` to the script, or set XMTP_LOAD_RUN.",
  );
}
