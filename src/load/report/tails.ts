import type { ProcessBlob, UserRecord } from "../measuring/blob.js";
import { Population } from "../population/population.js";

/** What the ends of conversations show, over all processes. */
export interface TailCheck {
  /** Pairs of sender and receiver in a conversation that were checked. */
  readonly checked: number;
  /** Pairs that nobody can judge: one of the two left nothing behind, or all kept sends came too late. */
  readonly undecided: number;
  readonly lost: readonly string[];
}

/** Clocks of machines differ: what was acknowledged just before a receiver looked may be missing. */
const skewMs = 500;

/**
 * Whether each receiver had the last message that each sender had been acknowledged before the receiver looked. A gap
 * shows by the next message; the last message has none.
 */
export function checkTails(
  { seed, run, population: size }: Pick<ProcessBlob, "seed" | "run" | "population">,
  users: readonly UserRecord[],
): TailCheck {
  const population = new Population({ seed, run, ...size });
  const records = new Map(users.map((one) => [one.user, one]));
  const lost: string[] = [];
  let checked = 0;
  let undecided = 0;
  for (const receiver of users) {
    const { settledAt } = receiver;
    if (settledAt === undefined) continue;
    const seen = new Map(receiver.lastSeen.map(([of, sender, seq]) => [`${of} ${sender}`, seq]));
    for (const { number, members } of population.of(receiver.user)) {
      for (const sender of members) {
        if (sender === receiver.user) continue;
        const owed = owedBy(records.get(sender), number, settledAt - skewMs);
        if (owed === undefined) undecided += 1;
        else checked += 1;
        if (owed !== undefined && owed > (seen.get(`${number} ${sender}`) ?? 0))
          lost.push(
            `user ${receiver.user} has not message ${owed} of user ${sender} in conversation ${number}, nor any after it`,
          );
      }
    }
  }
  return { checked, undecided, lost };
}

function owedBy(sender: UserRecord | undefined, conversation: number, before: number): number | undefined {
  const sends = sender?.acknowledged.filter(([of]) => of === conversation);
  if (sends === undefined) return undefined;
  if (sends.length === 0) return 0;
  return sends.findLast(([, , at]) => at <= before)?.[1];
}
