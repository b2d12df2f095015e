import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatNumber } from "../../report/format.js";
import { readBlobs } from "../measuring/blob.js";
import { mergeBlobs } from "./merge.js";
import type { LoadReport } from "./merge.js";
import { renderLoadPage } from "./page.js";

/**
 * Merges the blobs of a folder, and writes `load-report.html` and `load-report.json` there.
 *
 * @throws XmtpTestError `BAD_LOAD_BLOB`
 */
export async function writeLoadReport(folder: string): Promise<LoadReport> {
  const report = mergeBlobs(await readBlobs(folder));
  await writeFile(join(folder, "load-report.json"), `${JSON.stringify(report, undefined, 1)}\n`);
  await writeFile(join(folder, "load-report.html"), renderLoadPage(report));
  return report;
}

/** The outcome in a few lines, for a terminal. */
export function reportText(report: LoadReport, folder: string): string {
  const { counters, histograms, users, node } = report;
  const time = (name: "xmtp.send_ms" | "xmtp.delivery_ms"): string => {
    const of = histograms[name];
    return of
      ? `p50 ${formatNumber(of.p50)}, p95 ${formatNumber(of.p95)}, p99 ${formatNumber(of.p99)} ms`
      : "none";
  };
  const share =
    node?.cpuShare === undefined ? [] : [`Node's share of the CPU: ${formatNumber(node.cpuShare * 100)} %`];
  return [
    `Load run ${report.run}: ${report.status}. ${users.settled} of ${report.population.users} users settled, ${users.died} died.`,
    `Sent ${counters["xmtp.sent"]}, acknowledged ${counters["xmtp.acknowledged"]}, delivered ${counters["xmtp.delivered"]}; lost ${counters["xmtp.lost"]}, twice ${counters["xmtp.duplicate"]}, late ${counters["xmtp.late"]}.`,
    `Send ${time("xmtp.send_ms")}. Delivery ${time("xmtp.delivery_ms")}.`,
    ...share,
    ...report.problems.map((problem) => `- ${problem}`),
    `Report: ${join(folder, "load-report.html")}`,
  ].join("\n");
}
