import Foundation
import KTestHarness

/// The journal and the terminal of a run, whatever it does.
struct RecordedRun: Sendable {
  var suites: [SuiteFile]
  var manifest: RunManifest
  var places: Places
  var isQuiet = false
  var namesKernels = false
  /// Sees each event before it is recorded.
  var observe: (@Sendable (RunEvent) async -> Void)?
  /// selftest: the disk that becomes full on purpose. That it did is no error then; what the journal has kept is the
  /// outcome.
  var disk: DiskFault?

  /// What a run leaves.
  struct Outcome: Sendable {
    var summary: RunSummary
    var replay: RunReplay
    var directory: String
  }

  /// - Parameter amend: what an event adds to the manifest.
  /// - Parameter body: does the run; what it emits is recorded and shown.
  func perform(
    amend: @escaping @Sendable (RunEvent, Journal) async throws -> Void = { _, _ in },
    _ body: (_ journal: Journal, _ emit: @escaping RunEmit) async throws -> Void
  ) async throws -> Outcome {
    let journal = try Journal(
      state: places.stateDirectory, manifest: manifest, suites: suites.map(\.bytes), fault: disk)
    let terminal =
      isQuiet ? nil : LiveTerminal(namesKernels: namesKernels, environment: ProcessInfo.processInfo.environment)
    let trouble = DiskTrouble()
    let emit: RunEmit = { [observe] event in
      await terminal?.show(event)
      await observe?(event)
      do {
        try await amend(event, journal)
        for extra in try await journal.record(event) { await terminal?.show(extra) }
      } catch let error as JournalError {
        // The disk is full: what is finished is safe, and going on would produce verdicts that nobody can check.
        await trouble.note(error)
        throw error
      }
    }
    do {
      try await body(journal, emit)
    } catch let error as JournalError {
      await terminal?.show(.notice("\(error)"))
      // There is room for some more lines: whoever reads the journal later learns why the run ends here.
      _ = try? await journal.record(.notice("\(error)"))
    }
    let replay = await terminal?.finish()
    let summary = await journal.summary
    await journal.close()
    if disk == nil, let error = await trouble.error {
      throw Failure(.host, "\(error)\nthe run so far is in \(journal.directory)")
    }
    return Outcome(summary: summary, replay: replay ?? RunReplay(), directory: journal.directory)
  }
}

private actor DiskTrouble {
  private(set) var error: JournalError?

  func note(_ new: JournalError) { error = error ?? new }
}
