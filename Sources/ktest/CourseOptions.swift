import ArgumentParser
import KTestHarness
import KTestValues

/// The options for how often cases run, and beside what.
struct CourseOptions: ParsableArguments {
  @Option(
    name: .customLong("repeat"), help: ArgumentHelp("Run everything so many times, in new guests.", valueName: "n"))
  var rounds: Int?

  @Flag(
    help: ArgumentHelp(
      "Repeat until a case fails, at most --repeat times (default \(RunCourse.roundsUntilFail))."))
  var untilFail = false

  @Flag(help: "End the run at the first result that is not good; what is left is a skip that says so.")
  var failFast = false

  @Option(
    help: ArgumentHelp(
      "Run cases again that their suite calls flaky, so many times at most; a pass is then told as flaky.",
      valueName: "n"
    ))
  var retry: Int?

  @Flag(help: "Keep all processors of the guest busy and its memory full beside each case.")
  var stress = false

  func validate() throws {
    if retry == 0 { throw ValidationError("--retry takes a number from 1 to \(RunCourse.mostRetries), not 0") }
    if let problem = course.problem { throw ValidationError(problem) }
  }

  var course: RunCourse { RunCourse(rounds: rounds, untilFail: untilFail, failFast: failFast, retries: retry ?? 0) }
  var load: GuestLoad? { stress ? GuestLoad() : nil }
  var isGiven: Bool { course != .once || stress }
}
