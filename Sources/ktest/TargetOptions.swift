import ArgumentParser
import KTestHarness

/// The options for the target of a search, of `bisect` and `bisect-step`.
struct TargetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Search for the splat with this title.", valueName: "title"))
  var splat: String?
  @Option(
    help: ArgumentHelp(
      "Search for a metric beyond a value, NAME>VALUE or NAME<VALUE, in the metric's unit.", valueName: "metric"))
  var metric: String?
  @Option(help: ArgumentHelp("Search for a case with this verdict: fail, timeout or crash.", valueName: "verdict"))
  var verdict: String?

  var wish: TargetWish { TargetWish(splat: splat, metric: metric, verdict: verdict) }
}
