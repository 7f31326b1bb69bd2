import KTestHost
import KTestValues

/// The events of a worker's journal, with the bytes that are files in it.
struct JournalPart: GroupEvents {
  /// The journal's directory.
  var directory: String
  /// Bytes come in pieces of at most this size.
  static let piece = 1 << 16

  func pass(to emit: RunEmit) async throws {
    let journal = try readJournal(at: directory)
    var replay = RunReplay()
    for line in journal.events {
      guard let event = line.event else { continue }
      switch event {
      case .caseFinished(let suite, let kernel, let result):
        let key = CaseKey(suite: suite, kernel: kernel, name: result.name)
        try await passFiles(of: key, boot: result.boot, turn: result.folder, to: emit)
      case .bootFinished(let result):
        try await passConsole(of: result.id, to: emit)
      default: break
      }
      replay.apply(event, at: 0)
      try await emit(event)
    }
    // Of cases and guests that were interrupted, their files are all that is known.
    for open in replay.running {
      try await passFiles(of: open.key, boot: open.boot, turn: replay.folder(of: open.key), to: emit)
    }
    for boot in replay.openBoots { try await passConsole(of: boot.id, to: emit) }
  }

  private func passFiles(of key: CaseKey, boot: Int?, turn: String, to emit: RunEmit) async throws {
    for stream in [RunEvent.OutputStream.stdout, .stderr] {
      let path = "\(directory)/\(RunLayout.output(of: key, stream, turn: turn))"
      try await pass(path, to: emit) { bytes in
        try await emit(
          .output(boot: boot, suite: key.suite, kernel: key.kernel, name: key.name, stream: stream, bytes: bytes))
      }
    }
    guard let boot else { return }
    let folder = "\(directory)/\(RunLayout.artefacts(of: key, turn: turn))"
    for file in HostFiles.names(in: folder).sorted() {
      try await pass("\(folder)/\(file)", to: emit) { bytes in
        try await emit(
          .artefact(boot: boot, suite: key.suite, kernel: key.kernel, name: key.name, file: file, bytes: bytes))
      }
    }
  }

  private func passConsole(of boot: Int, to emit: RunEmit) async throws {
    try await pass("\(directory)/\(RunLayout.console(boot: boot))", to: emit) { bytes in
      try await emit(.console(boot: boot, bytes: bytes))
    }
    let folder = Paths.parent("\(directory)/\(EvidenceLayout.path(of: "x", boot: boot))")
    for file in HostFiles.names(in: folder).sorted() {
      try await pass("\(folder)/\(file)", to: emit) { bytes in
        try await emit(.evidence(boot: boot, file: file, bytes: bytes))
      }
    }
  }

  private func pass(
    _ path: String, to emit: RunEmit, _ take: ([UInt8]) async throws -> Void
  ) async throws {
    let bytes: [UInt8]
    do {
      guard let read = try readFile(path) else { return }
      bytes = read
    } catch {
      // The file is somebody else's, and no reason to lose the verdict.
      let name = path.dropFirst(directory.count + 1)
      return try await emit(.notice("a worker's \(name.suffix(200)) cannot be read: \(error.reason)"))
    }
    // That a file is empty says something, too.
    if bytes.isEmpty { try await take([]) }
    var place = 0
    while place < bytes.count {
      let end = min(bytes.count, place + JournalPart.piece)
      try await take(Array(bytes[place..<end]))
      place = end
    }
  }
}
