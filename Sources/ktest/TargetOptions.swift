import ArgumentParser
import KTestHarness

/// The failure that a search follows; of `bisect` and `bisect-step`.
struct TargetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Look for the splat of this title.", valueName: "title"))
  var splat: String?
  @Option(
    help: ArgumentHelp(
      "Look for a metric beyond a value, NAME>VALUE or NAME<VALUE, in its own unit.", valueName: "metric"))
  var metric: String?
  @Option(help: ArgumentHelp("Look for a case that ends so: fail, timeout or crash.", valueName: "verdict"))
  var verdict: String?

  var wish: TargetWish { TargetWish(splat: splat, metric: metric, verdict: verdict) }
}
