import ArgumentParser
import KTestHarness
import KTestHost

/// What `--on` starts on other hosts.
struct WorkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work", abstract: "Run what 'ktest run --on' has sent to this host.", shouldDisplay: false)

  @Argument(help: "The folder of the order, or with one of the flags that of a run.") var folder: String
  @Flag(help: "The folder is of a batch; $SLURM_ARRAY_TASK_ID names the order's in it.") var array = false
  @Flag(help: "Print which workers of the run live.") var living = false
  @Flag(help: "Ask the workers of the run to end.") var stop = false
  @Flag(help: "End the workers of the run and remove its folder.") var remove = false
  @Option(help: "With --stop: only this worker.") var only: String?

  func run() async throws {
    try await reporting {
      guard !living, !stop, !remove else { return try await look(after: try WorkRun(folder)) }
      try await interruptible { try await WorkJob(in: folder, isArray: array, places: .current()).perform() }
    }
  }

  private func look(after run: WorkRun) async throws {
    if living { writeAll(run.living.map { $0 + "\n" }.joined(), to: 1) }
    if stop { run.stop(only: only) }
    if remove { await run.remove() }
  }
}
