import { describe, expect, test } from "vitest";
import { updatedBaseline } from "../../../../src/report/measuring/baseline.js";
import { renderPage } from "../../../../src/report/html/page.js";
import { renderMarkdown } from "../../../../src/report/markdown.js";
import { buildRunReport } from "../../../../src/report/run-report.js";
import { record, series } from "./records.js";

const ten = (base: number): number[] => Array.from({ length: 10 }, (_, i) => base + i);
const baseline = updatedBaseline([series("send", 50, ten(50)), series("sync", 1, ten(10))]);
const records = [
  record("sends", {
    annotations: [{ type: "seed", description: "not in the summary" }],
    samples: [
      {
        version: 1,
        testId: "1",
        budgets: { send: 90, snd: 1 },
        series: [series("send", 50, ten(100), { timedOut: 2 }), series("sync", 1, ten(10))],
      },
    ],
  }),
  record("has a fault", {
    timelines: [
      {
        sent: 2,
        sendFailures: 1,
        received: 4,
        streamRetries: 1,
        delays: [5, 6],
        faultDelays: [300],
        delayCount: 2,
        faultDelayCount: 1,
        faults: [{ fault: "stall", targets: ["bob", "alice"], detail: "", state: "effective" }],
        leaks: ["1 socket of <alice> | bob"],
      },
    ],
  }),
  record("is flaky", { outcome: "flaky", attempts: 2, error: "Error: a | b\nc" }),
  record("fails", {
    outcome: "unexpected",
    error: "Error: no",
    annotations: [{ type: "seed", description: "7f3a" }],
  }),
];

describe("Markdown", () => {
  test("a full run", () => {
    const report = buildRunReport({ status: "failed", records, baseline });
    expect(renderMarkdown(report, baseline)).toBe(`# XMTP run: failed

2 passed, 1 failed, 1 flaky; 2 messages sent (1 not confirmed), 4 receipts, 1 stream reconnect.

## Budgets crossed

- send, size 50: p95 109 ms, budget at most 90 ms, baseline 59 ms (n 10, SDK 5.5.0, embedded), in perf › groups.spec.ts › sends
- send, size 50: 2 timeouts, budget at most 0 (n 10, SDK 5.5.0, embedded), in perf › groups.spec.ts › sends

## Operations (SDK 5.5.0, embedded)

Against the baseline: 1 slower, 1 same.

| Operation | Size | n | p50 | p95 | p99 | max | mean | Timeouts | Against baseline |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
| send | 50 | 10 | 104 ms | 109 ms\\* | 109 ms\\* | 109 ms | 105 ms | 2 | 1.93× (1.79–2.08) slower |
| sync | 1 | 10 | 14 ms | 19 ms\\* | 19 ms\\* | 19 ms | 14.5 ms | 0 | 1.00× (0.69–1.50) same |

\\* the maximum: p95 can differ from it only from 20 samples on, p99 only from 100.

## Faults

| Fault | Times | Proved effective | Tests | Workers |
| --- | ---: | ---: | ---: | --- |
| stall | 1 | 1 | 1 | alice, bob |

## Failed tests

| Test | Attempts | Last error |
| --- | ---: | --- |
| perf › groups.spec.ts › fails | 1 | Error: no |

## Flaky tests

| Test | Attempts | Last error |
| --- | ---: | --- |
| perf › groups.spec.ts › is flaky | 2 | Error: a \\| b c |

## Seeds of these tests

| Seed | File | Tests |
| --- | --- | --- |
| 7f3a | perf › groups.spec.ts | fails |

## Leaks

- perf › groups.spec.ts › has a fault: 1 socket of \\<alice\\> \\| bob

## Budgets that nothing was measured for

- \`snd\`
`);
  });

  test("a run without figures is two lines", () => {
    const report = buildRunReport({ status: "passed", records: [record("passes")] });
    expect(renderMarkdown(report)).toBe("# XMTP run: passed\n\n1 passed.\n");
  });

  test("the same records in another order give the same text and page", () => {
    const [one, other] = [records, records.toReversed()].map((some) =>
      buildRunReport({ status: "failed", records: some, baseline }),
    );
    expect(other).toEqual(one);
  });
});

describe("page", () => {
  const page = renderPage(buildRunReport({ status: "failed", records, baseline }), baseline);

  test("texts from tests are escaped", () => {
    expect(page).not.toContain("<alice>");
    expect(page).toContain("&#60;alice&#62;");
  });

  test("has each section that the run has something for", () => {
    const titles = [...page.matchAll(/<h2[^>]*>([^<]*)/g)].map((match) => match[1]);
    expect(titles).toEqual([
      "Budgets crossed",
      "Failed tests",
      "Flaky tests",
      "Leaks",
      "Against the baseline",
      "Percentiles by operation",
      "Delivery curves",
      "All figures",
      "Budgets that nothing was measured for",
      "Faults",
      "Seeds",
    ]);
  });

  test("every picture has a name for screen readers, and no figure is broken", () => {
    const pictures = page.match(/<svg[^>]*>/g) ?? [];
    expect(pictures.length).toBeGreaterThanOrEqual(3);
    for (const picture of pictures) expect(picture).toMatch(/role="img" aria-label="[^"]+"/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });
});

test("nothing of a title or an error is obeyed: no code, link, picture, mention, tag, or direction", () => {
  const nasty = "`a` [x](javascript:1) ![i](http://h) @team <b> \u202e\u001b[31m ~~s~~ # h | *e* _u_";
  const report = buildRunReport({
    status: "failed",
    records: [{ ...record("t"), title: nasty, error: nasty }],
  });
  const failed = { ...report, failed: [{ project: "", file: "f", title: nasty, error: nasty, attempts: 1 }] };
  const text =
    renderMarkdown(failed)
      .split("\n")
      .find((line) => line.includes("team")) ?? "";
  const unescaped = text.replace(/\\[\\`|<>*_[\]#~]/g, "");
  for (const character of ["`", "[", "]", "<", ">", "*", "_", "~", "#", "\u202e", "\u001b"])
    expect(unescaped).not.toContain(character);
  expect(unescaped).not.toMatch(/@[\w-]|https?:\/\//);
});

describe("a project from several machines", () => {
  const told = /the project "perf" was merged from several runs of the same tests/;
  const report = (...all: Parameters<typeof record>[]): string =>
    renderMarkdown(buildRunReport({ status: "passed", records: all.map((one) => record(...one)) }));

  test("is told, once, as its figures are pooled", () => {
    const text = report(["sends"], ["sends"], ["syncs"], ["syncs"]);
    expect(text.match(new RegExp(told, "g"))).toHaveLength(1);
  });

  test("is not what repeats, other projects, files and titles are", () => {
    const others = [
      ["sends", { repeat: 1 }],
      ["sends", { project: "chaos" }],
      ["sends", { file: "b.spec.ts" }],
    ] as const;
    expect(
      report(["sends"], ...others.map(([title, more]) => [title, more] as [string, object])),
    ).not.toMatch(told);
  });
});
