import KTestHost
import Synchronization
import Testing

@testable import KTestHarness

@Suite struct SubmissionTests {
  /// What the server does, attempt by attempt; the last one for all further ones.
  private final class Script: Sendable {
    let answers: [Result<HTTPReply, HTTPProblem>]
    let count = Mutex(0)
    let pauses = Mutex<[Duration]>([])
    init(_ answers: [Result<HTTPReply, HTTPProblem>]) { self.answers = answers }

    var submission: Submission {
      Submission(
        by: { _ in
          let number = self.count.withLock { count in
            defer { count += 1 }
            return count
          }
          return try self.answers[min(number, self.answers.count - 1)].get()
        }, pause: { pause in self.pauses.withLock { $0.append(pause) } })
    }
  }

  private static let down = Result<HTTPReply, HTTPProblem>.failure(.unreachable("connection refused"))

  @Test func itTriesAgainWhereThatMayHelp() async throws {
    let script = Script([Self.down, .success(HTTPReply(status: 429)), .success(HTTPReply(status: 202))])
    var notices: [String] = []
    let reply = try await script.submission.perform("{}") { notices.append($0) }
    #expect(reply.status == 202)
    #expect(script.pauses.withLock { $0 } == [.seconds(1), .seconds(2)])
    #expect(
      notices == [
        "no answer: connection refused; trying again in 1 s", "the server answered 429; trying again in 2 s",
      ])
  }

  @Test func itGivesUp() async throws {
    let script = Script([Self.down])
    await #expect(throws: SubmissionError.gaveUp("no answer: connection refused", attempts: 5)) {
      try await script.submission.perform("{}") { _ in }
    }
    #expect(script.pauses.withLock { $0 } == [1, 2, 4, 8].map { Duration.seconds($0) })
  }

  @Test func aRefusalIsTheAnswer() async throws {
    let script = Script([.success(HTTPReply(status: 422, body: "path: no\nsecond line"))])
    await #expect(throws: SubmissionError.refused(status: 422, said: "path: no\nsecond line")) {
      try await script.submission.perform("{}") { _ in }
    }
    #expect(script.count.withLock { $0 } == 1)
    #expect(
      SubmissionError.refused(status: 422, said: "path: no\nsecond").description
        == "the server refused the report with status 422: path: no")
  }
}
