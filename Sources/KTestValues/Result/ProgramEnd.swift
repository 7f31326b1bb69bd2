package import GuestProtocol

/// How a case's program ended, as reported by the guest's kernel.
package struct ProgramEnd: Codable, Sendable, Equatable {
  package enum How: String, Codable, Sendable { case exited, signalled, notStarted }

  package var how: How
  /// The exit status, if it exited.
  package var status: Int?
  /// The signal number by signal(7) on x86, if a signal ended it.
  package var signal: Int?
  /// The reason, if it did not start.
  package var reason: String?
  /// The most relevant line of its output if it did not end well; nil if there was no output.
  package var said: String?

  package init(how: How, status: Int? = nil, signal: Int? = nil, reason: String? = nil, said: String? = nil) {
    self.how = how
    self.status = status
    self.signal = signal
    self.reason = reason
    self.said = said
  }

  /// The end as text, for example `exit status 250`.
  package var text: String {
    switch how {
    case .exited: "exit status \(status ?? 0)"
    case .signalled: "killed by \(ProgramEnd.signalName(UInt8(clamping: signal ?? 0)))"
    case .notStarted: "not started\(reason.map { ": \($0)" } ?? "")"
    }
  }

  /// Whether it exited with 0.
  package var isGood: Bool { how == .exited && status == 0 }
}

extension ProgramEnd {
  /// The number of bytes of the agent's reason that are kept, because a corrupted guest may send anything.
  package static let reasonLimit = 512

  package init(_ end: CaseEnd, said: String?) {
    switch end.outcome {
    case .exited(let status): self.init(how: .exited, status: Int(status))
    case .signalled(let signal): self.init(how: .signalled, signal: Int(signal))
    case .notStarted(let reason): self.init(how: .notStarted, reason: reason.clipped(to: ProgramEnd.reasonLimit))
    }
    if !isGood { self.said = said }
  }
}

extension String {
  /// Returns at most `limit` bytes of the text, with a mark if it was truncated.
  package func clipped(to limit: Int) -> String {
    guard utf8.count > limit else { return self }
    return String(decoding: utf8.prefix(limit), as: UTF8.self) + "…"
  }
}

extension ProgramEnd {
  /// Returns the name of a signal (signal(7), x86).
  package static func signalName(_ signal: UInt8) -> String {
    let names: [UInt8: String] = [
      1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
      9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ",
      31: "SIGSYS",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}
