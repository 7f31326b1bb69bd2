import Foundation
import TestGate
import Testing

/// `ktest work` as another host calls it, where there is nothing that it could run.
@Suite(.gated()) struct WorkCommandTests {
  private struct Answer: Decodable {
    var failure: String?
    var run: String?
    var isInterrupted: Bool
  }

  @Test("an order that it cannot run is answered, so that nobody waits", arguments: [false, true])
  func refuses(_ isNone: Bool) async throws {
    try await Workplace.with { place in
      try place.write("jobs/run/0/1/order.json", isNone ? "{}" : "{\"ktest\": \"0.0.1\"}")
      try place.write("jobs/run/0/1/done.json", "{\"isInterrupted\": true}")
      let outcome = try await place.ktest(
        "work", "--array", "jobs/run/0", environment: ["SLURM_ARRAY_TASK_ID": "1"])
      #expect(outcome.code != 0 && outcome.messages.count == 1, "\(outcome)")
      let bytes = try #require(FileManager.default.contents(atPath: "\(place.path)/jobs/run/0/1/done.json"))
      let answer = try JSONDecoder().decode(Answer.self, from: bytes)
      #expect(answer.run == nil && !answer.isInterrupted)
      let words =
        isNone ? "is no order of 'ktest run --on'" : "and the order is of ktest 0.0.1; install the same version"
      #expect(answer.failure?.contains(words) == true, "\(answer)")
      #expect(!FileManager.default.fileExists(atPath: "\(place.path)/jobs/run/0/1/started.json"))
    }
  }

  @Test("a task's number is Slurm's")
  func array() async throws {
    try await Workplace.with { place in
      let outcome = try await place.ktest("work", "--array", "work", environment: ["SLURM_ARRAY_TASK_ID": "x"])
      #expect(outcome.code == 64 && outcome.stderr.contains("$SLURM_ARRAY_TASK_ID"), "\(outcome)")
    }
  }

  @Test("only the folder of a run is removed", arguments: ["--remove", "--stop", "--living"])
  func others(_ flag: String) async throws {
    try await Workplace.with { place in
      try place.write("mine/0/1/letter", "mine")
      let outcome = try await place.ktest("work", flag, "mine")
      #expect(outcome.code != 0 && outcome.stderr.contains("mine has no work of a run of 'ktest --on'"), "\(outcome)")
      #expect(try place.read("mine/0/1/letter") == "mine")
      try place.write("work/ktest-work", "")
      try place.write("work/0/1/started.json", "{}")
      let done = try await place.ktest("work", flag, "work")
      #expect(done.code == 0 && done.stdout.isEmpty, "\(done)")
      #expect(FileManager.default.fileExists(atPath: "\(place.path)/work") == (flag != "--remove"))
    }
  }
}
