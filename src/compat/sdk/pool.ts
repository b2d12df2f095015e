import { InboxPool } from "../../inboxes/index.js";
import type { Inbox } from "../../inboxes/index.js";

/** An inbox of the pool, with the names that such suites use. */
export interface InboxData {
  /** The wallet's address, lower case. */
  readonly accountAddress: string;
  /** 64 hex digits. */
  readonly inboxId: string;
  /** How many it has. */
  readonly installations: number;
  /** Kept out of JSON, logs and spreads. */
  readonly walletKey: `0x${string}`;
}

/** A person that a suite's list of accounts names; here an inbox of the pool. */
export interface ManualUser {
  /** As it was asked for. */
  readonly name: string;
  /** The same as `name`: there is no app behind it. */
  readonly app: string;
  /** The config's network takes its place. */
  readonly network: string;
  /** The address of an inbox of the pool. */
  readonly address: string;
  /** The id of an inbox of the pool. */
  readonly inboxId: string;
}

/** The suites' pools have 2 installations each; here 1, unless a call asks for more. */
class CompatPool extends InboxPool {
  readonly #others = new InboxPool();
  /** Those that are drawn: a group made by `getInboxes` has none of them. */
  readonly draws = new InboxPool();

  standIn(at: number): Inbox {
    const all = this.#others.reserve(at + 1);
    return all[at] as Inbox;
  }

  override get all(): readonly Inbox[] {
    return [...super.all, ...this.draws.all, ...this.#others.all];
  }
}

export const inboxPool = new CompatPool();

/**
 * The first `count` inboxes of the pool, the same ones each time. They are registered with the describe's network
 * before the first call that names somebody.
 *
 * @param installations of each; default 1, where the suites' own files have 2. More than libxmtp's 10 count as 10
 * @param most takes from the first `most` only; a negative `count` leaves out that many of these, as `slice` does
 */
export function getInboxes(count: number, installations = 1, most?: number): InboxData[] {
  const each = Math.min(Math.max(1, installations), 10);
  const size = most ?? Math.max(1, Math.abs(count));
  return inboxPool.reserve(size, each).slice(0, count).map(toData);
}

/** The ids of `getInboxes(count)`. */
export const getInboxIds = (count: number): string[] => getInboxes(count).map(({ inboxId }) => inboxId);
/** The addresses of `getInboxes(count)`. */
export const getAddresses = (count: number): string[] => getInboxes(count).map((one) => one.accountAddress);

/**
 * Other inboxes at each call, by id, until 40 are in use; then from the start again. In order, so that a run can be
 * repeated; the suites' own draws by `Math.random`. A negative `count` leaves out so many of the 40, as `slice` does.
 */
export function getRandomInboxIds(count: number, installations = 1): string[] {
  return drawn(count, installations).map(({ inboxId }) => inboxId);
}

/** The same; each inbox of the pool has one installation here, where the suites' own have 2 to 30. */
export const getRandomInboxIdsWithRandomInstallations = (count: number): string[] => getRandomInboxIds(count);

/** The addresses of what `getRandomInboxIds` draws: a list, also of one. */
export function getRandomAddress(count: number, installations = 1): string[] {
  return drawn(count, installations).map((one) => one.accountAddress);
}

const mostDrawn = 40;
let nextDraw = 0;

function drawn(asked: number, installations: number): InboxData[] {
  // `slice(0, -3)` of the suites' own: all but three.
  const count = asked < 0 ? Math.max(0, mostDrawn + asked) : asked;
  if (count === 0) return [];
  const start = nextDraw + count > mostDrawn ? 0 : nextDraw;
  nextDraw = start + count;
  const each = Math.min(Math.max(1, installations), 10);
  return inboxPool.draws.reserve(nextDraw, each).slice(start).map(toData);
}

/** Inboxes by their number of installations, `most` of them. Default 20. */
export function getInboxByInstallationCount(installations: number, most = 20): InboxData[] {
  return getInboxes(most, installations);
}

/** An inbox of the pool for each name: the suites' own list has accounts of the public networks. */
export function getManualUsers(filterBy: readonly string[] = []): ManualUser[] {
  const inboxes = inboxPool.reserve(filterBy.length);
  return filterBy.map((name, at) => {
    const { address = "", inboxId = "" } = inboxes[at] ?? {};
    return { name, app: name, network: "local", address, inboxId };
  });
}

function toData(inbox: Inbox): InboxData {
  const { address, inboxId, installations, walletKey } = inbox;
  const data = { accountAddress: address, inboxId, installations };
  return Object.defineProperty(data, "walletKey", { value: walletKey, enumerable: false }) as InboxData;
}
