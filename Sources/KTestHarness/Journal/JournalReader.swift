import FoundationEssentials
import KTestHost
package import KTestValues

/// A run as read from its directory.
package struct JournalContents: Sendable {
  package enum State: String, Sendable { case finished, running, interrupted }

  /// The run's directory.
  package var directory: String
  package var id: String
  /// The manifest, with the boots and the groups of the events; nil if the run was killed before it was written.
  package var manifest: RunManifest?
  package var state: State
  package var events: [RecordedEvent]
  /// Whether the last line is truncated because the run was killed while writing it.
  package var truncated: Bool
  /// Whether consoles, outputs and artefacts were removed to save space.
  package var isPruned = false
  /// The events, folded, with the ends of outputs and consoles where something failed.
  package var replay: RunReplay
  package var summary: RunSummary { replay.summary(run: id, stillRunning: state == .running) }
}

/// Reads a run's directory, even if the run is still running or was killed at any moment. The summary comes only from
/// the events; `summary.json` is ignored.
/// - Throws: `JournalError.notARun`, `.cannotRead`, `.newerSchema`, `.impossible`, or `.damaged` if a line other than
///   the last one is not an event.
package func readJournal(at directory: String) throws -> JournalContents {
  let events = try read(RunLayout.events, in: directory)
  var manifest = try readManifest(in: directory)
  guard events != nil || manifest != nil else { throw JournalError.notARun(path: directory) }

  let (recorded, truncated) = try readEvents(events ?? [], path: directory + "/" + RunLayout.events)
  manifest?.learn(from: recorded)
  let start = manifest.flatMap { WallTime(iso: $0.started) } ?? recorded.first?.time
  var replay = RunReplay()
  for line in recorded {
    guard let event = line.event, let start else { continue }
    replay.apply(event, at: line.time.seconds(since: start))
  }
  let isHeld = JournalLock(at: directory + "/" + RunLayout.lock)?.isHeld ?? false
  let state: JournalContents.State = replay.isOver ? .finished : isHeld ? .running : .interrupted
  let id = manifest?.run ?? String(directory.split(separator: "/").last ?? "")
  addTails(to: &replay, summary: replay.summary(run: id, stillRunning: state == .running), directory)
  return JournalContents(
    directory: directory, id: id, manifest: manifest, state: state, events: recorded, truncated: truncated,
    isPruned: HostFiles.exists(directory + "/" + RunLayout.pruned), replay: replay)
}

private func read(_ file: String, in directory: String) throws(JournalError) -> [UInt8]? {
  do {
    return try readFile(directory + "/" + file)
  } catch {
    throw .cannotRead(path: directory + "/" + file, reason: error.reason)
  }
}

private func readManifest(in directory: String) throws -> RunManifest? {
  guard let bytes = try read(RunLayout.manifest, in: directory) else { return nil }
  struct Schema: Decodable { var schema: Int }
  let path = directory + "/" + RunLayout.manifest
  do {
    let schema = try JSONDecoder().decode(Schema.self, from: Data(bytes)).schema
    guard schema <= RunManifest.currentSchema else { throw JournalError.newerSchema(path: path, version: schema) }
    return try JSONDecoder().decode(RunManifest.self, from: Data(bytes))
  } catch is DecodingError {
    throw JournalError.cannotRead(path: path, reason: "not the manifest of a run")
  }
}

private func readEvents(_ bytes: [UInt8], path: String) throws -> (events: [RecordedEvent], truncated: Bool) {
  var events: [RecordedEvent] = []
  let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  for (place, line) in lines.enumerated() where !line.isEmpty {
    do {
      events.append(try RecordedEvent(line: line))
    } catch let error as RecordedEvent.NewerVersion {
      throw JournalError.newerSchema(path: path, version: error.version)
    } catch let error as ImpossibleEvent {
      // This applies to the last line too: a truncated line is not JSON at all.
      throw JournalError.impossible(path: path, line: place + 1, what: error.what)
    } catch {
      guard lines[(place + 1)...].allSatisfy(\.isEmpty) else { throw JournalError.damaged(path: path, line: place + 1) }
      return (events, true)
    }
  }
  return (events, false)
}

/// Adds the ends of the output of bad cases and of their consoles. Files that cannot be read are skipped, because only
/// the events are the truth.
private func addTails(to replay: inout RunReplay, summary: RunSummary, _ directory: String) {
  func tail(_ file: String) -> ByteTail {
    var tail = ByteTail()
    tail.append((try? readFile(directory + "/" + file, last: ByteTail.capacity)).flatMap { $0 } ?? [])
    return tail
  }
  var boots = Set(summary.boots.filter(\.verdict.isBad).map(\.id))
  for suite in summary.suites {
    for result in suite.cases where result.verdict.isBad {
      let key = CaseKey(suite: suite.name, kernel: suite.kernel, name: result.name)
      var ends = CaseTail()
      ends.stdout = tail(RunLayout.output(of: key, .stdout, turn: result.folder))
      ends.stderr = tail(RunLayout.output(of: key, .stderr, turn: result.folder))
      if ends != CaseTail() { replay.tails[key] = ends }
      if let boot = result.boot { boots.insert(boot) }
    }
  }
  for boot in boots {
    let end = tail(RunLayout.console(boot: boot))
    if end != ByteTail() { replay.consoleTails[boot] = end }
  }
}
