import Subprocess

/// The result of a program of the host that ran to its end.
package struct HostProgramResult: Sendable {
  package var status: HostProgramStatus
  /// The standard output; empty if it went elsewhere.
  package var output: [UInt8]
  /// The standard error, for messages. Bytes that are not UTF-8 are replaced.
  package var complaint: String

  init(_ status: HostProgramStatus, output: [UInt8], complaint: [UInt8]) {
    self.status = status
    self.output = output
    self.complaint = String(decoding: complaint, as: UTF8.self)
  }

  package var succeeded: Bool { status.isSuccess }
  package var text: String { String(decoding: output, as: UTF8.self) }
  package var reason: String { HostProgramResult.reason(in: complaint) }

  /// Returns the lines of a complaint that give the reason, at most three: apt's lines with `E: `, or else the last ones.
  static func reason(in complaint: String) -> String {
    let lines = complaint.split(whereSeparator: \.isNewline)
    let errors = lines.filter { $0.hasPrefix("E: ") }.map { $0.dropFirst(3) }
    let told = errors.isEmpty ? lines.suffix(3) : errors.prefix(3)
    return told.isEmpty ? "it printed nothing" : told.joined(separator: "; ")
  }
}

/// The way in which a program ended.
package enum HostProgramStatus: Sendable, Equatable, CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  init(_ status: TerminationStatus) {
    switch status {
    case .exited(let code): self = .exited(code)
    case .signaled(let signal): self = .signalled(signal)
    }
  }

  var isSuccess: Bool { self == .exited(0) }

  package var description: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .signalled(let signal): "signal \(signal)"
    }
  }
}

/// The reason why a program could not be run to its end.
package enum HostProgramFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The program is not installed.
  case missing(name: String)
  /// The program could not be started, or wrote more than its limit.
  case notRun(name: String, reason: String)

  package var description: String {
    switch self {
    case .missing(let name): "the program \(name) is not installed"
    case .notRun(let name, let reason): "\(name) could not be run: \(reason)"
    }
  }
}
