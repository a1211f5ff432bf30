// What tests use of report.mjs.
/** The README with the medians of a whole run's results. */
export function withMedians(readme: string, results: { readonly rows: readonly object[] }): string
