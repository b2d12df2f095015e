import type { TestRecord } from "../../../../src/report/collect.js";
import type { Series } from "../../../../src/report/measuring/samples.js";

/** A series with the given figures. */
export function series(operation: string, size: number, values: number[], more?: Partial<Series>): Series {
  const key = { operation, size, unit: "ms", sdkVersion: "5.5.0", backend: "embedded" } as const;
  return { ...key, values, warmUps: [], timedOut: 0, delivery: false, ...more };
}

/** A test that passed and left nothing. */
export function record(title: string, more: Partial<TestRecord> = {}): TestRecord {
  return {
    project: "perf",
    file: "groups.spec.ts",
    title,
    repeat: 0,
    outcome: "expected",
    attempts: 1,
    error: "",
    annotations: [],
    samples: [],
    timelines: [],
    problems: [],
    ...more,
  };
}
