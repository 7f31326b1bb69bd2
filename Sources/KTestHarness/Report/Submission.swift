package import KTestHost

/// Sends a report to a server, and tries again where that may help.
package struct Submission: Sendable {
  package typealias Send = @Sendable (_ body: String) async throws -> HTTPReply

  /// How often it is tried at most.
  package var attempts = 5
  private let send: Send
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameter pause: waits between two attempts.
  package init(
    by send: @escaping Send,
    pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) { (self.send, self.pause) = (send, pause) }

  /// Sends `body` until the server accepts it. What the server may accept later is sent again after 1, 2, 4, 8… seconds: a report's
  /// identifiers are digests, so that it does not matter whether a lost answer was a yes.
  ///
  /// - Parameter notice: called before each further attempt, with what was wrong and the pause in seconds.
  /// - Returns: the accepting answer.
  package func perform(_ body: String, notice: (String) -> Void) async throws -> HTTPReply {
    var attempt = 1
    while true {
      let problem: String
      do {
        let reply = try await send(body)
        switch reply.status {
        case 200..<300: return reply
        case 408, 425, 429, 500...: problem = "the server answered \(reply.status)"
        default: throw SubmissionError.refused(status: reply.status, said: reply.body)
        }
      } catch let error as HTTPProblem where !error.isUsage {
        problem = "\(error)"
      }
      guard attempt < attempts else { throw SubmissionError.gaveUp(problem, attempts: attempt) }
      let seconds = 1 << (attempt - 1)
      notice("\(problem); trying again in \(seconds) s")
      try await pause(.seconds(seconds))
      attempt += 1
    }
  }
}

/// The reasons why a report was not accepted.
package enum SubmissionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Sending it again would not help.
  case refused(status: Int, said: String)
  case gaveUp(String, attempts: Int)

  package var description: String {
    switch self {
    case .refused(let status, let said):
      let words = said.split(whereSeparator: \.isNewline).first.map { ": \($0.prefix(300))" } ?? ""
      let advice = [401, 403].contains(status) ? "; is the token in KTEST_SUBMIT_TOKEN right?" : ""
      return "the server refused the report with status \(status)\(words)\(advice)"
    case .gaveUp(let problem, let attempts): return "\(problem); gave up after \(attempts) attempts"
    }
  }
}
