package import KTestHost
import KTestValues

/// Reads a console log and gives out the splats that are in it.
package struct SplatReading: Sendable {
  /// The log's path; `-` is standard input.
  package var file: String
  /// Waits for more at the end of the log.
  package var follow: Bool
  package var symbolizer: Symbolizer?

  /// Splats that wait for their symbols at once; each kernel file is read once for all of them.
  private static let batch = 256
  /// Milliseconds after which a followed log is taken to have said all.
  private static let silence = 2000

  package init(_ file: String, follow: Bool = false, symbolizer: Symbolizer? = nil) {
    self.file = file
    self.follow = follow
    self.symbolizer = symbolizer
  }

  /// Reads the log to its end, or until `emit` wants no more.
  ///
  /// - Parameter emit: gets the splats as they are found, and nil once when all that could be read was read. It returns
  ///   whether it wants more.
  /// - Throws: ``LogError`` where the log could not be read to its end, `SymbolError`, and what `emit` throws.
  package func perform(_ emit: (SplatFinding?) throws -> Bool) async throws {
    var stream = SplatStream()
    var pending: [Splat] = []
    var isOpen = true
    func flush() async throws {
      defer { pending = [] }
      guard isOpen, !pending.isEmpty else { return }
      let findings =
        try await symbolizer?.symbolised(pending).map { SplatFinding($0.splat, $0) }
        ?? pending.map { SplatFinding($0) }
      for finding in findings where isOpen { isOpen = try emit(finding) }
    }
    do {
      try await readLog(file, following: follow) { input in
        switch input {
        case .bytes(let bytes): pending += stream.push(bytes)
        case .silence(let milliseconds): if milliseconds >= SplatReading.silence { pending += stream.settle() }
        case .restarted:
          pending += stream.finish()
          stream = SplatStream()
        }
        // Without symbols there is nothing to wait for.
        if pending.count >= (follow || symbolizer == nil ? 1 : SplatReading.batch) { try await flush() }
        return isOpen
      }
    } catch let error as LogError {
      // What could be read is worth having.
      guard stream.offset > 0 else { throw error }
      pending += stream.finish()
      try await flush()
      if isOpen { _ = try emit(nil) }
      throw error
    }
    pending += stream.finish()
    try await flush()
    if isOpen { _ = try emit(nil) }
  }
}
