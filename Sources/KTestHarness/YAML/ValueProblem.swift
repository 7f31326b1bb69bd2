/// Why a text is not the value it should be; whoever knows the place makes a ``Diagnostic`` of it.
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
