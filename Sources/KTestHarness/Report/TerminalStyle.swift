import Glibc
import KTestValues

/// The style of output to one stream.
package struct TerminalStyle: Sendable, Equatable {
  /// Whether a line may be redrawn.
  package var isTerminal: Bool
  package var color: Bool
  /// The maximum number of columns; nil for no limit, as in a file.
  package var columns: Int?

  package init(isTerminal: Bool, color: Bool, columns: Int?) {
    self.isTerminal = isTerminal
    self.color = color
    self.columns = columns
  }

  /// The style for a file, a pipe, or a test.
  package static let plain = TerminalStyle(isTerminal: false, color: false, columns: nil)

  /// Returns the style of an open descriptor: colours only on a terminal, and not if `NO_COLOR` is set (no-color.org)
  /// or `TERM` is `dumb`.
  package static func detect(_ descriptor: Int32, environment: [String: String]) -> TerminalStyle {
    guard isatty(descriptor) == 1 else { return .plain }
    let dumb = environment["TERM"] == "dumb"
    let noColor = !(environment["NO_COLOR"] ?? "").isEmpty
    return TerminalStyle(isTerminal: !dumb, color: !dumb && !noColor, columns: columns(of: descriptor) ?? 80)
  }

  /// Returns the terminal's width, or nil if it is unknown.
  static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// The colours of a report.
enum Ink: Sendable {
  case good, bad, trouble, quiet, strong, plain

  init(_ verdict: Verdict) {
    switch verdict {
    case .pass: self = .good
    case .skip: self = .quiet
    case .fail, .crash, .timeout: self = .bad
    case .error: self = .trouble
    }
  }

  fileprivate var code: String {
    switch self {
    case .good: "32"
    case .bad: "1;31"
    case .trouble: "1;33"
    case .quiet: "2"
    case .strong: "1"
    case .plain: ""
    }
  }
}

extension TerminalStyle {
  func paint(_ text: String, _ ink: Ink) -> String {
    color && ink != .plain && !text.isEmpty ? "\u{1b}[\(ink.code)m\(text)\u{1b}[0m" : text
  }
}

extension Verdict {
  /// The verdict as text; a bad one is in capitals, so that it stands out without colours too.
  var word: String { isBad ? rawValue.uppercased() : rawValue }

  /// The participle for a number of cases with this verdict: `3 failed`.
  var participle: String {
    switch self {
    case .pass: "passed"
    case .skip: "skipped"
    case .fail: "failed"
    case .error: "could not be judged"
    case .timeout: "timed out"
    case .crash: "crashed"
    }
  }
}
