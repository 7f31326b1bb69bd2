/// The reason why a text is not a valid value. The caller, which knows the position, makes a ``Diagnostic`` of it.
public struct ValueProblem: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String
  /// What to write instead.
  public var note: String?

  public init(_ message: String, note: String? = nil) {
    self.message = message
    self.note = note
  }

  public var description: String { note.map { "\(message) (\($0))" } ?? message }
}
