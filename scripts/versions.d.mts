type Row = Readonly<Record<string, string>>;
export const suites: readonly string[];
export const page: string;
export function readPage(text: string): Map<string, Row>;
export function lacking(text: string, versions?: readonly string[]): string[];
export function writePage(rows: ReadonlyMap<string, Row>, versions?: readonly string[]): string;
export function resultText(results: {
  readonly stats: Readonly<Record<"expected" | "unexpected" | "flaky" | "skipped", number>>;
  readonly errors?: readonly unknown[];
}): string;
