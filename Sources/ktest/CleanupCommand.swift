import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

struct CleanupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove what was not used for longest, until runs and cache fit into a budget.",
    discussion: """
      Consoles, output and artefacts of runs go, and kernels, builds, sources and images of the cache. Verdicts always
      stay, and so does what a running ktest uses. 'ktest show' and 'ktest history' work as before.

      Examples:
        ktest gc --dry-run
        ktest gc --keep 50GiB
      """)

  @Option(help: ArgumentHelp("How much runs and cache may take together.", valueName: "size")) var keep = "20GiB"
  @Flag(help: "Only show what would be removed.") var dryRun = false
  @Option(help: "text or json.") var format = OutputFormat.text
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let budget: Int
      do throws(ValueProblem) { budget = Int(clamping: try ByteSize(parsing: keep).bytes) } catch {
        throw Failure(.usage, "--keep: \(error)")
      }
      let (state, cache) = (places.places.stateDirectory, places.places.cacheDirectory)
      let cleanup = try await interruptible { [dryRun] in
        try await cleanUp(state: state, cache: cache, budget: budget, isDry: dryRun)
      }
      writeAll(format == .json ? cleanupJSON(cleanup) : cleanupReport(cleanup, style: .output), to: 1)
    }
  }
}
