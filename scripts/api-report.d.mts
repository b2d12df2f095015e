/** The report of each entry point of a built package, by file name. */
export function apiReports(root: string): ReadonlyMap<string, string>;

/** Writes the reports into the package's folder `api`, or with `check` writes nothing. @returns files that change */
export function apiReport(root: string, options: { readonly check: boolean }): string[];
