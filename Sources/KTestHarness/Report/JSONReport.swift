/// Returns the run as one JSON object with stable keys, for `--format json` and `summary.json`; docs/journal.md
/// describes it. Durations are in seconds, rounded to milliseconds.
public func jsonReport(_ run: RunSummary) -> String { run.json.page }
