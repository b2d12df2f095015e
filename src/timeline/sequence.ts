import type { LedgerEvent } from "../ledger/events.js";
import type { Verdict } from "../oracles/index.js";
import { withShortIds } from "../ledger/naming.js";
import { buildDiagram } from "./build-diagram.js";
import type { LostDelivery } from "./build-diagram.js";
import { drawDiagram } from "./draw.js";
import { drawnOf, selectEvents } from "./select.js";

export interface SequenceOptions {
  /** Heading, for example the test's title. */
  readonly title?: string;
  /** A second, fainter line, for example seed and environment. */
  readonly subtitle?: string;
  /** What the oracles said: lost messages are drawn as broken arrows, all offenders are listed below. */
  readonly verdicts?: readonly Verdict[];
  /** At most this many events are drawn; the rest is "… N more". Default 200. */
  readonly maxEvents?: number;
}

/**
 * The test as a message sequence picture: a lifeline per worker, app and page; sends, receipts, stream states, faults.
 *
 * @returns one self-contained SVG without scripts, links or fonts. Equal input gives equal text.
 */
export function renderSequence(events: readonly LedgerEvent[], options: SequenceOptions = {}): string {
  const offenders = (options.verdicts ?? []).flatMap((one) => (one.status === "fail" ? one.offenders : []));
  const violating = new Set(offenders.flatMap((one) => one.seqs));
  const isDrawn = drawnOf(events);
  const { kept } = selectEvents(events, violating, options.maxEvents ?? 200, isDrawn);
  const lost = offenders.flatMap((one): LostDelivery[] =>
    one.kind.startsWith("lost") ? one.seqs.map((sendSeq) => ({ sendSeq, worker: one.worker })) : [],
  );
  const unique = new Map(lost.map((one) => [`${one.sendSeq} ${one.worker}`, one]));
  const diagram = buildDiagram(events, kept, isDrawn, [...unique.values()]);
  return drawDiagram(diagram, {
    title: options.title ?? "What happened",
    subtitle: options.subtitle ?? "",
    start: events[0]?.at ?? 0,
    violations: offenders.map((one) => `${one.kind}: ${withShortIds(one.detail)}`),
  });
}
