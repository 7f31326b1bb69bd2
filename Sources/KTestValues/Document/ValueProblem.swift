/// The reason why a text is not a valid value. The caller, which knows the position, makes a ``Diagnostic`` of it.
package struct ValueProblem: Error, Sendable, Equatable, CustomStringConvertible {
  package var message: String
  /// What to write instead.
  package var note: String?

  package init(_ message: String, note: String? = nil) {
    self.message = message
    self.note = note
  }

  package var description: String { note.map { "\(message) (\($0))" } ?? message }
}
