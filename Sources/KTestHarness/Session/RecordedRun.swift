package import KTestValues

/// The journal and the display of any kind of run.
struct RecordedRun: Sendable {
  var suites: [SuiteFile]
  var manifest: RunManifest
  var session: Session
  var namesKernels = false
  /// Called with the run's name before its first event.
  var begun: (@Sendable (String) async throws -> Void)?
  /// Called with each event before it is recorded.
  var observe: (@Sendable (RunEvent) async -> Void)?
  /// Selftest: the disk that becomes full on purpose. That it did is no error then; what the journal has kept is the
  /// outcome.
  var disk: DiskFault?

  /// - Parameter body: executes the run; the events that it emits are recorded and shown.
  func perform(
    _ body: (_ journal: Journal, _ emit: @escaping RunEmit) async throws -> Void
  ) async throws -> RunOutcome {
    let journal = try Journal(
      state: session.places.stateDirectory, manifest: manifest, suites: suites.map(\.bytes), fault: disk)
    let display = session.display.run(namesKernels: namesKernels)
    let trouble = DiskTrouble()
    let emit: RunEmit = { [observe] event in
      await display?.show(event)
      await observe?(event)
      do {
        for extra in try await journal.record(event) { await display?.show(extra) }
      } catch let error as JournalError {
        // The disk is full: what is finished is safe, and continuing would produce verdicts that nobody can check.
        await trouble.note(error)
        throw error
      }
    }
    do {
      try await begun?(journal.id)
      try await body(journal, emit)
    } catch let error as JournalError {
      await display?.show(.notice("\(error)"))
      // There is room for some more lines, so that later readers of the journal learn why the run ends here.
      _ = try? await journal.record(.notice("\(error)"))
    }
    await display?.finish()
    let outcome = RunOutcome(
      summary: await journal.summary, manifest: await journal.manifest, replay: await journal.replay,
      directory: journal.directory)
    await journal.close()
    if disk == nil, let error = await trouble.error {
      throw Failure(.host, "\(error)\nthe run so far is in \(journal.directory)")
    }
    return outcome
  }
}

/// The result of a run.
package struct RunOutcome: Sendable {
  package var summary: RunSummary
  package var manifest: RunManifest
  /// The events, folded, with the ends of outputs and consoles where something failed.
  package var replay: RunReplay
  /// The run's directory.
  package var directory: String
}

private actor DiskTrouble {
  private(set) var error: JournalError?

  func note(_ new: JournalError) { error = error ?? new }
}
