/// Collects what is wrong with one file, so that all of it can be shown at once.
///
/// A class, because the cursors into one document all write to the same list; it lives within one synchronous read
/// and is not `Sendable`. What leaves the read is ``all``.
public final class Diagnostics {
  /// A file of a hundred thousand misspelt keys has one problem, not a hundred thousand.
  public static let limit = 100

  public let file: String
  private var collected: [Diagnostic] = []
  private var dropped = 0
  public private(set) var hasErrors = false

  public init(file: String) {
    self.file = file
  }

  /// Everything found, in the order of the file. Past ``limit`` the rest is counted and not kept.
  public var all: [Diagnostic] {
    // `sorted` is stable: two remarks about one place stay in the order in which they were made.
    var result = collected.sorted { ($0.mark ?? Mark(line: 0, column: 0)) < ($1.mark ?? Mark(line: 0, column: 0)) }
    if dropped > 0 {
      result.append(Diagnostic(file: file, mark: nil, message: "\(dropped) more problems are not shown"))
    }
    return result
  }

  public func error(at mark: Mark?, _ message: String, note: String? = nil) {
    hasErrors = true
    add(Diagnostic(file: file, mark: mark, severity: .error, message: message, note: note))
  }

  public func warning(at mark: Mark?, _ message: String, note: String? = nil) {
    add(Diagnostic(file: file, mark: mark, severity: .warning, message: message, note: note))
  }

  private func add(_ diagnostic: Diagnostic) {
    guard collected.count < Diagnostics.limit else {
      dropped += 1
      return
    }
    collected.append(diagnostic)
  }
}
