import { createHash } from "node:crypto";
import { inboxIdOf } from "../../network/identity/index.js";
import { SeededRandom } from "../../random.js";
import { signerOf } from "../../workers/sdk/signer.js";
import type { WorkerSigner } from "../../workers/sdk/types.js";

/** What a population is made from; the same on every machine of a run. */
export interface PopulationOptions {
  readonly seed: string;
  /** Tells runs on one network apart: users of another run are other inboxes. */
  readonly run: string;
  readonly users: number;
  readonly groups: number;
  /** Members of each group, its creator included. */
  readonly groupSize: number;
  /** Conversations between two. */
  readonly dms: number;
}

/** A conversation of the population. Its first member makes it. */
export interface PlannedConversation {
  readonly number: number;
  readonly kind: "group" | "dm";
  readonly members: readonly number[];
}

/**
 * Who there is and who talks to whom, as a function of the seed: shards on several machines know each other's users,
 * their inbox ids included, without exchanging a word.
 *
 * Groups are dealt from shuffled users, so that nobody is in two groups before everybody is in one.
 */
export class Population {
  readonly users: number;
  readonly conversations: readonly PlannedConversation[];
  readonly #options: PopulationOptions;
  readonly #of = new Map<number, PlannedConversation[]>();
  readonly #signers = new Map<number, WorkerSigner>();

  constructor(options: PopulationOptions) {
    this.#options = options;
    this.users = options.users;
    const groups = dealGroups(options).map((members) => ({ kind: "group" as const, members }));
    const dms = drawDms(options).map((members) => ({ kind: "dm" as const, members }));
    this.conversations = [...groups, ...dms].map((one, number) => ({ number, ...one }));
    for (const one of this.conversations)
      for (const user of one.members) this.#of.set(user, [...(this.#of.get(user) ?? []), one]);
  }

  /** How many users are in a conversation at all. */
  get talkers(): number {
    return this.#of.size;
  }

  /** The conversations of a user. */
  of(user: number): readonly PlannedConversation[] {
    return this.#of.get(user) ?? [];
  }

  /** The wallet of a user; test money only: whoever knows seed and run knows its key. */
  signer(user: number): WorkerSigner {
    const { seed, run } = this.#options;
    const made =
      this.#signers.get(user) ??
      signerOf(createHash("sha256").update(`playwright-xmtp load\0${seed}\0${run}\0${user}`).digest("hex"));
    this.#signers.set(user, made);
    return made;
  }

  /** The inbox that a user's first sign-up makes. */
  inboxId(user: number): string {
    return inboxIdOf({ kind: "ethereum", value: this.signer(user).address }, 1n);
  }
}

function dealGroups({ seed, users, groups, groupSize }: PopulationOptions): number[][] {
  const random = new SeededRandom(seed, "load groups");
  let deck: number[] = [];
  return Array.from({ length: groups }, () => {
    const members = new Set<number>();
    while (members.size < groupSize) {
      if (deck.length === 0) deck = shuffled(users, random);
      // Who is in this group already waits for the next one, at the bottom of the deck.
      const at = deck.findLastIndex((user) => !members.has(user));
      if (at < 0) deck = [...deck, ...shuffled(users, random)];
      else members.add(...(deck.splice(at, 1) as [number]));
    }
    return [...members];
  });
}

function drawDms({ seed, users, dms }: PopulationOptions): number[][] {
  const random = new SeededRandom(seed, "load dms");
  const pairs = new Map<string, number[]>();
  while (pairs.size < dms) {
    const one = random.int(0, users - 1);
    const other = (one + random.int(1, users - 1)) % users;
    const key = [Math.min(one, other), Math.max(one, other)].join(" ");
    if (!pairs.has(key)) pairs.set(key, [one, other]);
  }
  return [...pairs.values()];
}

/** Fisher and Yates. */
function shuffled(count: number, random: SeededRandom): number[] {
  const all = Array.from({ length: count }, (_, at) => at);
  for (let at = all.length - 1; at > 0; at--) {
    const other = random.int(0, at);
    [all[at], all[other]] = [all[other] ?? 0, all[at] ?? 0];
  }
  return all;
}
