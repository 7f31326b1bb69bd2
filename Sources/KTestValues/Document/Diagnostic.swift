/// An error or a warning about a file that a person wrote.
package struct Diagnostic: Sendable, Equatable, Codable {
  package enum Severity: String, Sendable, Codable { case error, warning }

  /// The path as given on the command line, so that an editor can jump there.
  package var file: String
  /// The position, or nil if the whole file is meant, for example because it is too large.
  package var mark: Mark?
  package var severity: Severity
  /// What is wrong; one line, no full stop.
  package var message: String
  /// What to do about it; one line.
  package var note: String?

  package init(file: String, mark: Mark?, severity: Severity = .error, message: String, note: String? = nil) {
    self.file = file
    self.mark = mark
    self.severity = severity
    self.message = message
    self.note = note
  }

  package var line: Int? { mark?.line }
  package var column: Int? { mark?.column }
}
