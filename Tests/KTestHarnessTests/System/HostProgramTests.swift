import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite(.gated()) struct HostProgramTests {
  @Test func collectsBothStreamsAndTheStatus() async throws {
    let program = HostProgram(
      "sh", ["-c", "cat; echo \"$KTEST_X-${HOME-none}-$PWD\"; echo oh >&2; exit 3"],
      environment: ["KTEST_X": "x", "HOME": nil], in: "/", input: .bytes(Array("in\n".utf8)))
    let result = try await program.collect()
    #expect(result.status == .exited(3) && !result.succeeded)
    #expect(result.text == "in\nx-none-/\n" && result.complaint == "oh\n" && result.reason == "oh")
  }

  @Test func withoutInputItReadsNothing() async throws {
    let result = try await HostProgram("cat").collect()
    #expect(result.succeeded && result.output.isEmpty)
  }

  @Test func anEarlyEndLeavesNobodyWithTheInput() async throws {
    let program = HostProgram("true", input: .bytes([UInt8](repeating: 0, count: 4 << 20)))
    #expect(try await program.collect().succeeded)
  }

  @Test func aSignalIsTold() async throws {
    let status = try await HostProgram("sh", ["-c", "kill -9 $$"]).collect().status
    #expect(status == .signalled(9) && "\(status)" == "signal 9")
  }

  @Test func aMissingProgramIsNoResult() async {
    for name in ["ktest-no-such-program", "/nowhere/ktest-no-such-program"] {
      await #expect(throws: HostProgramFailure.missing(name: name)) { try await HostProgram(name).collect() }
    }
    #expect(HostProgram.path(of: "ktest-no-such-program") == nil && HostProgram.path(of: "sh") != nil)
  }

  @Test func tooMuchOutputIsAFailure() async throws {
    do {
      _ = try await HostProgram("head", ["-c", "5000", "/dev/zero"]).collect(limit: 4096)
      Issue.record("more was collected than the limit")
    } catch HostProgramFailure.notRun(let name, _) { #expect(name == "head") }
  }

  @Test func whoHasSeenEnoughEndsIt() async throws {
    var seen = 0
    await #expect(throws: FileProblem.absent(path: "enough")) {
      _ = try await HostProgram("cat", ["/dev/zero"]).stream { piece in
        seen += piece.count
        if seen > 1 << 16 { throw FileProblem.absent(path: "enough") }
      }
    }
  }

  @Test func writesIntoFilesThatStayOpen() async throws {
    let scratch = try Scratch()
    let log = open(scratch.path + "/log", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(log) }
    let status = try await HostProgram("sh", ["-c", "echo a; echo b >&2"]).run(output: log, errors: log)
    #expect(status == .exited(0))
    #expect(try RegularFile.bytes(of: scratch.path + "/log", limit: 100) == Array("a\nb\n".utf8))
  }

  @Test func aCancelledTaskEndsTheProgramsChildren() async throws {
    let scratch = try Scratch()
    let place = scratch.path
    let task = Task {
      // The child writes its number, and both wait for a file that nobody makes.
      let script = "sh -c 'echo $$ > \(place)/child; exec sleep 1000' & wait"
      return try await HostProgram("sh", ["-c", script]).collect()
    }
    var child: Int32?
    while child == nil {
      let text = (try? RegularFile.bytes(of: "\(place)/child", limit: 100)).map { String(decoding: $0, as: UTF8.self) }
      child = text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      try await Task.sleep(for: .milliseconds(20))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let pid = try #require(child)
    while ProcessIdentity(pid) != nil { try await Task.sleep(for: .milliseconds(20)) }
  }
}
