/// An error or a warning about a file that a person wrote.
public struct Diagnostic: Sendable, Equatable, Codable {
  public enum Severity: String, Sendable, Codable { case error, warning }

  /// The path as given on the command line, so that an editor can jump there.
  public var file: String
  /// The position, or nil if the whole file is meant, for example because it is too large.
  public var mark: Mark?
  public var severity: Severity
  /// What is wrong; one line, no full stop.
  public var message: String
  /// What to do about it; one line.
  public var note: String?

  public init(file: String, mark: Mark?, severity: Severity = .error, message: String, note: String? = nil) {
    self.file = file
    self.mark = mark
    self.severity = severity
    self.message = message
    self.note = note
  }

  public var line: Int? { mark?.line }
  public var column: Int? { mark?.column }
}
