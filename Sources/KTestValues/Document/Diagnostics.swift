/// Collects everything that is wrong with one file, so that all of it can be shown at once.
///
/// It is a class because the cursors of a document share one list. It lives within one synchronous read and is not
/// `Sendable`; the result of the read is ``all``.
package final class Diagnostics {
  /// The maximum number of diagnostics that are kept: a file with a hundred thousand misspelt keys has only one
  /// problem.
  package static let limit = 100

  package let file: String
  private var collected: [Diagnostic] = []
  private var dropped = 0
  package private(set) var hasErrors = false

  package init(file: String) {
    self.file = file
  }

  /// Whether further diagnostics are only counted, so that expensive messages need not be composed.
  package var isFull: Bool { collected.count >= Diagnostics.limit }

  /// All diagnostics in the order of the file. Beyond ``limit`` they are only counted.
  package var all: [Diagnostic] {
    // `sorted` is stable: two diagnostics for one position stay in their original order.
    var result = collected.sorted { ($0.mark ?? Mark(line: 0, column: 0)) < ($1.mark ?? Mark(line: 0, column: 0)) }
    if dropped > 0 {
      result.append(Diagnostic(file: file, mark: nil, message: "\(dropped) more problems are not shown"))
    }
    return result
  }

  package func error(at mark: Mark?, _ message: String, note: String? = nil) {
    hasErrors = true
    add(Diagnostic(file: file, mark: mark, severity: .error, message: message, note: note))
  }

  package func warning(at mark: Mark?, _ message: String, note: String? = nil) {
    add(Diagnostic(file: file, mark: mark, severity: .warning, message: message, note: note))
  }

  private func add(_ diagnostic: Diagnostic) {
    guard !isFull else {
      dropped += 1
      return
    }
    collected.append(diagnostic)
  }
}
