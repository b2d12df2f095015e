import type { SeriesKey, Unit } from "./measuring/samples.js";

/** A number with three significant digits at most, without exponent: 0.125, 12.5, 1,250. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(Math.abs(value)))));
  const fixed = value.toFixed(digits);
  const [whole = "", fraction = ""] = fixed.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = fraction.replace(/0+$/, "");
  return rest === "" ? grouped : `${grouped}.${rest}`;
}

/** A figure with its unit, for example "12.5 ms", "1.2 MB", "850 /s". */
export function formatValue(value: number, unit: Unit): string {
  if (unit === "per_second") return `${formatNumber(value)} /s`;
  if (unit === "bytes") return formatBytes(value);
  return value >= 10_000 ? `${formatNumber(value / 1000)} s` : `${formatNumber(value)} ms`;
}

/** Texts of an axis that reaches `max`: all in the same step of the unit. */
export function axisFormat(unit: Unit, max: number): (value: number) => string {
  if (unit === "ms" && max >= 5_000) return (value) => `${formatNumber(value / 1000)} s`;
  return (value) => formatValue(value, unit);
}

/** "1 test", "2 tests". */
export function count(n: number, noun: string): string {
  return `${formatNumber(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** "newGroup, size 50", with SDK version and backend. */
export function describeKey(key: SeriesKey): string {
  return `${key.operation}, size ${key.size} (SDK ${key.sdkVersion}, ${key.backend})`;
}

function formatBytes(value: number): string {
  const steps = ["B", "kB", "MB", "GB"];
  const step = Math.min(steps.length - 1, value < 1000 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${formatNumber(value / 1000 ** step)} ${steps[step] ?? ""}`;
}
