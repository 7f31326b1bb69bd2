import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

/// `ktest submit` and `--report kcidb`, on a journal that is written here and a server of our own.
@Suite(.gated()) struct SubmitTests {
  private func run(in place: Workplace) async throws -> String {
    let journal = try place.openJournal()
    try await journal.record(.runStarted(cases: 1, boots: 0))
    try await journal.record(.caseStarted(boot: nil, suite: "s", kernel: "k", name: "move"))
    let result = CaseResult(name: "move", verdict: .fail, reason: "it is broken", seconds: 1)
    try await journal.record(.caseFinished(suite: "s", kernel: "k", result: result))
    try await journal.record(.runFinished(verdict: .fail, interrupted: false, seconds: 2))
    await journal.close()
    return journal.id
  }

  private func submit(
    _ place: Workplace, _ server: LocalServer, _ words: String..., token: String = "s3cret"
  ) async throws -> Outcome {
    try await execute(
      [Built.ktest, "submit", "latest", "--to", "http://127.0.0.1:\(server.port)/submit"] + words, in: place.path,
      environment: place.environment.merging(["KTEST_SUBMIT_TOKEN": token]) { $1 })
  }

  @Test func aServerThatIsBusyIsAskedAgain() async throws {
    try await Workplace.with { place in
      let name = try await run(in: place)
      let server = try LocalServer(answers: ["503 Service Unavailable", "200 OK"])
      defer { server.stop() }
      let outcome = try await submit(place, server, "--origin", "lab_1")
      #expect(outcome.code == 0 && outcome.stdout == "\(name) sent, status 200\n", "\(outcome)")
      #expect(outcome.stderr == "the server answered 503; trying again in 1 s\n")
      let requests = server.requests
      try #require(requests.count == 2)
      #expect(requests[0].body == requests[1].body)
      #expect(requests[0].head.hasPrefix("POST /submit HTTP/1.1\r\n"))
      #expect(requests[0].head.contains("Authorization: Bearer s3cret"))
      let shown = try await place.ktest("show", "latest", "--origin", "lab_1", "--report", "kcidb=-")
      #expect(Data(shown.stdout.utf8) == requests[0].body)
    }
  }

  @Test(
    "what would not help is not tried again",
    arguments: [("401 Unauthorized", "KTEST_SUBMIT_TOKEN"), ("302 Found\r\nLocation: /elsewhere", "302")])
  func refused(answer: String, said: String) async throws {
    try await Workplace.with { place in
      _ = try await run(in: place)
      let server = try LocalServer(answers: [answer])
      defer { server.stop() }
      let outcome = try await submit(place, server)
      #expect(outcome.code == 69 && outcome.stderr.contains(said), "\(outcome)")
      #expect(server.requests.count == 1)
    }
  }

  @Test func aTokenStaysOnThisMachineOrIsEncrypted() async throws {
    try await Workplace.with { place in
      _ = try await run(in: place)
      for (words, said) in [
        (["--to", "http://db.example.org/submit"], "unencrypted"), (["--to", "ftp://db.example.org"], "is not a URL"),
        (["--to", "https://me:pw@db.example.org/submit"], "a user or a password"),
        (["--to", "https://db.example.org/submit", "--origin", "My Lab"], "--origin"),
      ] {
        let outcome = try await execute(
          [Built.ktest, "submit", "latest"] + words, in: place.path,
          environment: place.environment.merging(["KTEST_SUBMIT_TOKEN": "s3cret"]) { $1 })
        #expect(outcome.code == 64 && outcome.stderr.contains(said), "\(outcome)")
        #expect(!outcome.stderr.contains("s3cret"))
      }
    }
  }
}
