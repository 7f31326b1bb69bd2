package import KTestValues

/// Returns the run as one JSON object with stable keys, for `--format json` and `summary.json`; docs/journal.md
/// describes it. Durations are in seconds, rounded to milliseconds.
package func jsonReport(_ run: RunSummary) -> String { run.json.page }
