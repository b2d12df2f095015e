/** Reception and order of messages by what was received, per worker. */
export interface MessageStats {
  /** Of all expected messages, how many came, 0 to 100. A message that came twice counts once. */
  readonly receptionPercentage: number;
  /** Of all workers, how many have what came in its order, 0 to 100. One that got nothing is not in order. */
  readonly orderPercentage: number;
}

/**
 * Compares what each worker got with `prefix1-suffix` to `prefixN-suffix`.
 *
 * The suites' own counts messages without looking at them, so that a copy hides a loss; this one compares texts.
 */
export function calculateMessageStats(
  messagesByWorker: readonly (readonly string[])[],
  prefix: string,
  amount: number,
  suffix: string,
): MessageStats {
  const expected = Array.from({ length: amount }, (_, at) => `${prefix}${at + 1}-${suffix}`);
  const places = messagesByWorker.map((messages) =>
    [...new Set(messages)].map((text) => expected.indexOf(text)).filter((place) => place >= 0),
  );
  const total = amount * messagesByWorker.length;
  const came = places.reduce((sum, own) => sum + own.length, 0);
  const inOrder = places.filter(
    (own) => own.length > 0 && own.every((place, at) => at === 0 || (own[at - 1] ?? 0) < place),
  );
  return {
    receptionPercentage: total === 0 ? 0 : (100 * came) / total,
    orderPercentage: messagesByWorker.length === 0 ? 0 : (100 * inOrder.length) / messagesByWorker.length,
  };
}
